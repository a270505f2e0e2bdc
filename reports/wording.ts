import type { Verdict } from '../harness/check/verdict.ts'
import type { RunRecord } from '../harness/record.ts'

/** `1 call`, `4,812 calls`: the same on every machine, whatever its locale. */
export function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** A whole number with its digits in groups of three. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}

/** A time given in milliseconds, with as many digits as help to compare it. */
export function milliseconds(timeMs: number): string {
  if (timeMs >= 100) return grouped(timeMs)
  return timeMs >= 10 ? timeMs.toFixed(1) : timeMs.toFixed(2)
}

/** A moment of a time-line, given in milliseconds: to the microsecond, since order is what it is about. */
export function momentOf(timeMs: number): string {
  return `${timeMs.toFixed(3)} ms`
}

/** A duration given in milliseconds, for people: `820 ms`, `31.2 s`. */
export function duration(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`
}

/** A share in [0, 1] as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`
}

/** The text, cut to about `limit` characters, with a note that says how much was left out. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  // Half of a surrogate pair is no character, and neither a file nor a terminal can show it.
  const kept = text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}… (${grouped(text.length - kept.length)} more characters)`
}

/** One sentence that says how the whole run went. */
export function headline({ verdict, runs, saturation }: RunRecord): string {
  if (verdict === 'valid')
    return runs.length === 1 ? 'the scenario kept its promise' : `all ${runs.length} scenarios kept their promises`
  const broken = runs.filter((run) => run.verdict === 'invalid').length
  if (broken > 0) return `${shareOf(broken, runs.length)} broke ${broken === 1 ? 'its promise' : 'their promises'}`
  if (verdict === 'invalid' && saturation !== null) return 'the target failed requests when it was saturated'
  const undecided = runs.filter((run) => run.verdict === 'unknown').length
  return undecided === 0 ? 'the run did not come to its end' : `${shareOf(undecided, runs.length)} could not be judged`
}

function shareOf(some: number, all: number): string {
  return all === 1 ? 'the scenario' : `${some} of ${all} scenarios`
}

/** The sign that stands for a verdict in text. */
export const signs: Readonly<Record<Verdict, string>> = { valid: '✓', invalid: '✗', unknown: '?' }

/** What a reader of a replay command must know, of a world that does not control the schedule. */
export const replayCaveat = 'may need several tries, since the live world does not control the order of events'
