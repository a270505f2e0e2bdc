import type { Finding } from '../../check/verdict.ts'
import type { HistoryEvent } from '../../history/event.ts'
import type { Row } from './time-line.ts'

/** A row that may be shown, and what is known of it to decide that. */
export interface PickedRow extends Omit<Row, 'time'> {
  /** What was recorded, of a call; null of a step. */
  event: HistoryEvent | null
  /** Whether it means something to a reader who does not know the harness. */
  matters: boolean
}

/** As many rows can be read; what goes beyond them is left out, the least important first. */
const rowsAtMost = 30
/** What lies outside the time in which the failure comes about is shown up to as many rows only. */
const rowsOutside = 16

/** The time in which a failure comes about, in steps: from where the order first differs to where it shows. */
interface Span {
  from: number
  to: number
}

/** The rows that a reader needs, in the order in which they happened. */
export function pickRows(rows: readonly PickedRow[], finding: Finding | null): PickedRow[] {
  const span = spanOf(rows)
  const lastCall = rows.findLast(isCall)?.step ?? Number.POSITIVE_INFINITY
  const ranked = rows
    .filter(({ step, part, key }) => step <= lastCall || part !== 'step' || !isTimer(key))
    .map((row) => ({ row, rank: rankOf(row, span, finding), distance: distanceTo(span, row.step) }))
    .filter(({ rank }) => rank < ranks.never)
    .sort((one, other) => one.rank - other.rank || one.distance - other.distance)
  const shown = ranked.filter(({ rank }, place) => rank === ranks.must || place < limitOf(rank))
  return shown.map(({ row }) => row).sort((one, other) => one.step - other.step || order(one) - order(other))
}

/** When the clients are done, timers only tell how the harness waits for the target to come to rest. */
function isTimer(key: string | null): boolean {
  return key?.startsWith('timer:') ?? false
}

function isCall({ event }: PickedRow): boolean {
  return event !== null && 'client' in event
}

const ranks = { must: 0, evidence: 1, callInside: 2, inside: 3, callOutside: 4, outside: 5, never: 6 } as const

function rankOf({ part, event, matters, actor, step }: PickedRow, span: Span, finding: Finding | null): number {
  if (part !== 'step' && part !== 'call') return ranks.must
  // What comes after the failure shows had no part in it.
  if (step > span.to) return ranks.never
  const isInside = step >= span.from && step <= span.to
  if (event === null) return matters ? (isInside ? ranks.inside : ranks.outside) : ranks.never
  if (isShownBy(finding, event)) return ranks.evidence
  // What the target tells of itself is endless, unless it shows what went wrong.
  if (event.type === 'probe' || event.type === 'target') return ranks.never
  const isOfTheirs = finding === null || finding.clients.length === 0 || finding.clients.includes(actor)
  return isOfTheirs && isInside ? ranks.callInside : isOfTheirs ? ranks.callOutside : ranks.outside
}

function limitOf(rank: number): number {
  return rank > ranks.inside ? rowsOutside : rowsAtMost
}

function isShownBy(finding: Finding | null, event: HistoryEvent): boolean {
  return finding?.evidence.some((shown) => shown.timeMs === event.timeMs && shown.type === event.type) ?? false
}

/** Without holds, a failure comes about in its last steps, or in all of a short schedule. */
function spanOf(rows: readonly PickedRow[]): Span {
  const failure = rows.find(({ part }) => part === 'failure')
  const to = failure?.step ?? Math.max(0, ...rows.map(({ step }) => step))
  const held = rows.filter(({ part }) => part === 'due' || part === 'held' || part === 'awaited')
  return { from: held.length === 0 ? 0 : Math.min(...held.map(({ step }) => step)), to }
}

/** How far a step is from where the failure shows. */
function distanceTo({ from, to }: Span, step: number): number {
  return step < from ? from - step : Math.abs(to - step)
}

/** Within a step: what could have happened, what happens, what it led to, and that this is wrong. */
function order({ part }: PickedRow): number {
  if (part === 'due') return 0
  return part === 'failure' ? 3 : part === 'call' ? 2 : 1
}
