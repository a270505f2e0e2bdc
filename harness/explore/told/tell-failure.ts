import type { Finding } from '../../check/verdict.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import { drawn } from './drawn.ts'
import { inFoundOrder, inOneSentence } from './one-sentence.ts'
import type { TimeLine } from './time-line.ts'
import { wrapped } from './wrapped.ts'

/** What is told of a failure. */
export interface ToldFailure {
  /** What was explored. */
  name: string
  /** The schedule that failed, from 1, and how many there were to be; left out when it is a replay. */
  schedule?: { number: number; of: number; strategy: string }
  findings: readonly Finding[]
  timeLine: TimeLine
  holds: readonly Hold[]
  /** No holds bring it back, so that it is told in the order in which it was found; false when left out. */
  isAsFound?: boolean
  seed: number
  /** What shows it again: a command, or what to pass to `explore`. */
  replay: string
}

/** So many findings are told in full; the rest are mostly the same once more. */
const findingsTold = 5

/** The whole story as text, at most a hundred characters wide where the values allow. */
export function tellFailure(told: ToldFailure): string {
  const { findings, holds, timeLine, isAsFound = false, seed, replay } = told
  return [
    ...wrapped(headline(told), 0, 2),
    '',
    ...findings.slice(0, findingsTold).flatMap(findingLines),
    ...(findings.length > findingsTold ? [`  … and ${findings.length - findingsTold} more findings`] : []),
    '',
    ...wrapped(isAsFound ? inFoundOrder(timeLine, findings) : inOneSentence(timeLine, findings, holds), 2),
    '',
    ...(timeLine.rows.length === 0 ? [] : [...drawn(timeLine), '']),
    ...causes(findings),
    `  seed    ${seed}`,
    `  replay  ${replay}`,
  ].join('\n')
}

function headline({ name, schedule, holds, timeLine, isAsFound = false }: ToldFailure): string {
  const shrunk =
    holds.length === 0 ? 'no event held back' : `${holds.length} event${holds.length > 1 ? 's' : ''} held back`
  if (schedule === undefined)
    return `${name} fails, ${isAsFound ? 'in the order in which it was found' : `with ${shrunk}`}`
  const { number, of, strategy } = schedule
  const found = `${name} fails in schedule ${number} of ${of} (${strategy})`
  if (isAsFound) return `${found}; it could not be made small`
  return timeLine.rows.length > 0 ? `${found}; made small, with ${shrunk}` : found
}

/** A message of several lines, such as an assertion's difference, keeps them. */
function findingLines({ check, message }: Finding): string[] {
  const [first = '', ...rest] = message.trimEnd().split('\n')
  return [...wrapped(`${check}: ${first}`, 2, 4), ...rest.map((line) => `    ${line}`.trimEnd())]
}

/** Of the finding that the schedule was made small for. */
function causes([finding]: readonly Finding[]): string[] {
  const cause = finding?.likelyCause
  return cause === undefined ? [] : [...wrapped(`Likely cause: ${cause}`, 2, 4), '']
}
