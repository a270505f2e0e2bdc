import { createHash } from 'node:crypto'

/** Steps that one line of digests is about, two characters each. */
const stepsPerLine = 32
const characters = 2

/**
 * Two characters for each step of a trace, in lines of 32 steps. Each depends on all steps before it, so that two schedules
 * whose digests differ at a step have gone apart there or, in one of 256 cases, a step before.
 */
export function digestsOf(trace: readonly string[]): string[] {
  let sofar = ''
  const digests = stepsIn(trace).map((step) => {
    sofar = createHash('sha256').update(sofar).update(step).digest('hex')
    return sofar.slice(0, characters)
  })
  const lines: string[] = []
  for (let from = 0; from < digests.length; from += stepsPerLine) {
    lines.push(digests.slice(from, from + stepsPerLine).join(''))
  }
  return lines
}

/** The first step at which two schedules differ, as their digests tell; null when they tell no difference. */
export function firstDifference(one: readonly string[], other: readonly string[]): number | null {
  const [here, there] = [one.join(''), other.join('')]
  for (let at = 0; at < Math.max(here.length, there.length); at += characters) {
    if (here.slice(at, at + characters) !== there.slice(at, at + characters)) return at / characters
  }
  return null
}

/** What came along with a step, without one of its own, belongs to it. */
function stepsIn(trace: readonly string[]): string[] {
  const steps: string[] = []
  for (const line of trace) {
    if (line.startsWith('  + ') && steps.length > 0) steps[steps.length - 1] += `\n${line}`
    else steps.push(line)
  }
  return steps
}
