import type { Finding } from '../../check/verdict.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import { shortened } from './shortened.ts'
import type { Row, TimeLine } from './time-line.ts'

const messageAtMost = 200

/**
 * How it came about, by the times of the time-line: "Time 3: … Time 6: …". These are facts, and no guess at a cause: what was
 * held back, what came first instead, and what was wrong then.
 */
export function inOneSentence({ rows }: TimeLine, findings: readonly Finding[], holds: readonly Hold[]): string {
  if (rows.length === 0) return 'It could not be brought back by holding events, and is told as it was found.'
  const failure = rows.find(({ part }) => part === 'failure')
  const wrong = failure === undefined ? '' : ` Time ${failure.time}: ${wrongIn(findings)}`
  if (holds.length === 0) return `It fails in the natural order of events: nothing has to be held back.${wrong}`
  return `${rows.flatMap((row) => turn(row, rows) ?? []).join(' ')}${wrong}`
}

/** Null for a row that the sentence does without. */
function turn(row: Row, rows: readonly Row[]): string | null {
  const { time, actor, what, part, key } = row
  if (part === 'awaited') return `Time ${time}: in ${actor}, ${what}.`
  if (part === 'due' && !rows.some((other) => other.part === 'held' && other.key === key)) {
    return `Time ${time}: in ${actor}, ${what} could have been, and never came.`
  }
  if (part !== 'held') return null
  const due = rows.find((other) => other.part === 'due' && other.key === key)
  const since = due === undefined ? '' : `, which could have been at Time ${due.time}`
  return `Time ${time}: only now in ${actor}, ${what}${since}.`
}

function wrongIn([finding]: readonly Finding[]): string {
  const [line = ''] = (finding?.message ?? '').split('\n')
  const text = shortened(line, messageAtMost)
  return /[.…!?]$/.test(text) ? text : `${text}.`
}
