import type { Finding } from '../../check/verdict.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import type { Row, TimeLine } from './time-line.ts'

/** What is told of a failure. */
export interface ToldFailure {
  /** What was explored. */
  name: string
  /** The schedule that failed, from 1, and how many there were to be; left out when it is a replay. */
  schedule?: { number: number; of: number; strategy: string }
  findings: readonly Finding[]
  timeLine: TimeLine
  holds: readonly Hold[]
  seed: number
  /** What shows it again: a command, or what to pass to `explore`. */
  replay: string
}

const width = 100
const columnAtLeast = 10
const columnAtMost = 22

/** The whole story as text, at most a hundred characters wide where the values allow. */
export function tellFailure(told: ToldFailure): string {
  return [
    headline(told),
    '',
    ...told.findings.map(({ check, message }) => `  ${check}: ${message}`),
    '',
    ...holdsInWords(told),
    ...drawn(told.timeLine),
    '',
    ...causes(told.findings),
    `  seed    ${told.seed}`,
    `  replay  ${told.replay}`,
  ].join('\n')
}

function headline({ name, schedule }: ToldFailure): string {
  if (schedule === undefined) return `${name} fails`
  return `${name} fails in schedule ${schedule.number} of ${schedule.of} (${schedule.strategy})`
}

/** One sentence a hold: what was kept from happening, and what came first. */
function holdsInWords({ holds, timeLine }: ToldFailure): string[] {
  if (holds.length === 0) return ['  It fails in the natural order of events, too: nothing had to be held back.', '']
  const find = (key: string) => timeLine.rows.find((row) => row.key === key)
  const sentences = holds.map(({ event, until }) => {
    const [held, first] = [find(event), find(until)]
    const before = first === undefined ? until : `'${first.what}' of ${first.actor}, at ${first.timeMs} ms`
    const after =
      held === undefined ? `${event} never came` : `'${held.what}' of ${held.actor} came only at ${held.timeMs} ms`
    return `  ${after}, after ${before}.`
  })
  return [...sentences, '']
}

/** The time-line with a column for each process and client. */
function drawn({ actors, rows, leftOut }: TimeLine): string[] {
  const column = Math.max(columnAtLeast, Math.min(columnAtMost, Math.floor((width - 12) / Math.max(1, actors.length))))
  const head = `      ms  ${actors.map((actor) => actor.padEnd(column)).join('')}`.trimEnd()
  const lines = rows.map((row) => line(row, actors.indexOf(row.actor) * column))
  const more = leftOut === 0 ? [] : [`          … and ${leftOut} more steps`]
  return [head, ...lines, ...more]
}

const marks: Record<Row['part'], string> = { held: '⏸ ', awaited: '▶ ', call: '', step: '· ' }

function line({ timeMs, what, part }: Row, indent: number): string {
  const time = timeMs.toFixed(Number.isInteger(timeMs) ? 0 : 1).padStart(8)
  const note = part === 'held' ? '   ◀ held back until here' : ''
  return `${time}  ${' '.repeat(indent)}${marks[part]}${what}${note}`.trimEnd()
}

function causes(findings: readonly Finding[]): string[] {
  const likely = [...new Set(findings.flatMap(({ likelyCause }) => likelyCause ?? []))]
  return likely.length === 0 ? [] : [...likely.map((cause) => `  Likely cause: ${cause}`), '']
}
