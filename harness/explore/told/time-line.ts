import type { HistoryEvent } from '../../history/event.ts'
import type { SimResult } from '../../sim/simulate.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import { inWords } from './in-words.ts'

/** One line of a time-line: what happened, when, and in whose column it stands. */
export interface Row {
  timeMs: number
  /** The process, or the client whose call it is. */
  actor: string
  /** The event's key, of a step; null for what a client did or saw. */
  key: string | null
  what: string
  /** Why the row matters: its event was held back and happens now, others waited for it, or neither. */
  part: 'held' | 'awaited' | 'call' | 'step'
}

/** A failing schedule as a reader can follow it. */
export interface TimeLine {
  /** The columns, in the order in which they first do something. */
  actors: string[]
  rows: Row[]
  /** How many steps of the schedule are not shown. */
  leftOut: number
}

/** More rows than this are not read. */
const rowsAtMost = 40
/** How many steps are shown before and after one that matters. */
const context = 2

/** The steps of a schedule that matter for a failure, and the calls of its clients, in order of time. */
export function timeLineOf(
  result: Pick<SimResult<unknown>, 'trace' | 'nodes'>,
  history: readonly HistoryEvent[],
  holds: readonly Hold[],
): TimeLine {
  const steps = stepsOf(result, holds)
  const calls = history.flatMap(callRow)
  const shown = [...kept(steps, calls.length === 0), ...lastOf(calls)]
  const rows = shown.sort((one, other) => one.timeMs - other.timeMs)
  return { actors: actorsOf(rows), rows, leftOut: steps.length - rows.filter(({ key }) => key !== null).length }
}

function stepsOf({ trace, nodes }: Pick<SimResult<unknown>, 'trace' | 'nodes'>, holds: readonly Hold[]): Row[] {
  const held = new Set(holds.map(({ event }) => event))
  const awaited = new Set(holds.map(({ until }) => until))
  return trace.flatMap((line, index): Row[] => {
    const [, timeMs, key, what] = /^(\d+(?:\.\d+)?) (.+?\/\d+) (.*)$/.exec(line) ?? []
    if (timeMs === undefined || key === undefined) return []
    const part = held.has(key) ? 'held' : awaited.has(key) ? 'awaited' : 'step'
    const lane = key.slice(0, key.lastIndexOf('/'))
    return [{ timeMs: Number(timeMs), actor: nodes[index] ?? '', key, what: `${lane} ${what}`, part }]
  })
}

function callRow(event: HistoryEvent): Row[] {
  const what = inWords(event)
  if (what === null) return []
  const actor = 'client' in event ? event.client : 'harness'
  return [{ timeMs: event.timeMs, actor, key: null, what, part: 'call' }]
}

/** The steps around those that were held or awaited; where no clients are recorded, the last ones too. */
function kept(steps: readonly Row[], withLast: boolean): Row[] {
  const wanted = new Set<number>()
  for (const [place, { part }] of steps.entries()) {
    if (part === 'step') continue
    for (let near = place - context; near <= place + context; near++) wanted.add(near)
  }
  const last = withLast ? Math.max(0, steps.length - Math.max(6, rowsAtMost - wanted.size)) : steps.length
  return steps.filter((_, place) => wanted.has(place) || place >= last)
}

function lastOf(calls: readonly Row[]): readonly Row[] {
  return calls.slice(-rowsAtMost)
}

function actorsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(({ actor }) => actor))]
}
