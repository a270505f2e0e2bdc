import type { Finding } from '../../check/verdict.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import { shortened } from './shortened.ts'
import type { Row, TimeLine } from './time-line.ts'

const messageAtMost = 200

/**
 * How it came about, by the times of the time-line, which never run backwards: "Time 3: … Time 6: …". These are facts, and no
 * guess at a cause: what was held back, what came first instead, and what was wrong then.
 */
export function inOneSentence({ rows }: TimeLine, findings: readonly Finding[], holds: readonly Hold[]): string {
  if (rows.length === 0)
    return 'Its events cannot be told: it was ended in the middle, or did not come back when it was played again.'
  const failure = rows.find(({ part }) => part === 'failure')
  const wrong = failure === undefined ? [] : [`Time ${failure.time}: ${wrongIn(findings)}`]
  if (holds.length === 0) return [natural, ...wrong].join(' ')
  // What comes after the failure had no part in it.
  const before = rows.filter(({ time }) => failure === undefined || time < failure.time)
  return [...before.flatMap((row) => turn(row, rows, before) ?? []), ...wrong].join(' ')
}

/** Of a failure that no holds bring back, so that all of its events are played in their order. */
export function inFoundOrder({ rows }: TimeLine, findings: readonly Finding[]): string {
  const failure = rows.find(({ part }) => part === 'failure')
  const wrong = failure === undefined ? '' : ` Time ${failure.time}: ${wrongIn(findings)}`
  return `No few events held back bring it about, so that it is told in the order in which it was found.${wrong}`
}

const natural = 'It fails in the natural order of events: nothing has to be held back.'

/** Null for a row that the sentence does without. */
function turn(row: Row, rows: readonly Row[], before: readonly Row[]): string | null {
  const { time, actor, what, part } = row
  if (part === 'awaited') return `Time ${time}: in ${actor}, ${what}.`
  if (part === 'due') return stillDue(row, rows, before)
  if (part !== 'held') return null
  const due = rows.find((other) => other.part === 'due' && other.key === row.key)
  const since = due === undefined ? '' : `, which could have been at Time ${due.time}`
  return `Time ${time}: only now in ${actor}, ${what}${since}.`
}

/** Of what is held back for so long that it has not come when it goes wrong; what has is told when it comes. */
function stillDue({ time, actor, what, key }: Row, rows: readonly Row[], before: readonly Row[]): string | null {
  const isThatEvent = (other: Row) => other.part === 'held' && other.key === key
  if (before.some(isThatEvent)) return null
  const held = rows.find(isThatEvent)
  return `Time ${time}: in ${actor}, ${what} could have been, and ${held === undefined ? 'never came' : `comes only at Time ${held.time}`}.`
}

function wrongIn([finding]: readonly Finding[]): string {
  const [line = ''] = (finding?.message ?? '').split('\n')
  const text = shortened(line, messageAtMost)
  return /[.…!?]$/.test(text) ? text : `${text}.`
}
