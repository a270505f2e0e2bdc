import type { Finding } from '../../check/verdict.ts'
import type { HistoryEvent } from '../../history/event.ts'
import type { SimResult } from '../../sim/simulate.ts'
import type { EffectiveHold } from '../../sim/strategy/holds.ts'
import type { Judged } from '../subject.ts'
import { actorOf, inWords } from './in-words.ts'
import { mergedDeliveries } from './merged-deliveries.ts'
import { mergedSteps } from './merged-steps.ts'
import { type PickedRow, pickRows } from './pick-rows.ts'
import { stepInWords, type TracedStep } from './step-in-words.ts'
import { tracedSteps } from './traced-steps.ts'

/**
 * Why a row is there: its event could have happened and is held back from now on (`due`), it happens now after it was held
 * back, others were held back for it, a client did or saw something, it is what went wrong, or it is there for the rest to
 * be understood.
 */
export type RowPart = 'due' | 'held' | 'awaited' | 'call' | 'failure' | 'step'

/** One line of a time-line: what happened, when, and in whose column it stands. */
export interface Row {
  /** Its place in the time-line, from 1. */
  time: number
  /** How many steps of the schedule were over. */
  step: number
  /** In virtual time. */
  timeMs: number
  /** The process, or the client whose call it is. */
  actor: string
  /** The event's key, of a step; null for what a client did or saw. */
  key: string | null
  what: string
  part: RowPart
}

/** A failing schedule as a reader can follow it. */
export interface TimeLine {
  /** The columns, in the order in which they first do something. */
  actors: string[]
  rows: Row[]
  /** The programs that child processes run which the rows name. */
  programs: { process: string; command: string }[]
  /** How many steps the schedule has, and how many of them are not shown. */
  steps: number
  leftOut: number
}

/** The steps of a schedule that matter for a failure, and what its clients did and saw, in the order in which it happened. */
export function timeLineOf(
  result: Pick<SimResult<unknown>, 'trace' | 'nodes' | 'findings'>,
  judged: Pick<Judged, 'history' | 'recordedAt' | 'findings'>,
  holds: readonly EffectiveHold[],
): TimeLine {
  const steps = tracedSteps(result)
  const failure = failureRow(steps, result, judged)
  const candidates = [...mergedSteps(stepRows(steps, holds)), ...dueRows(steps, holds), ...callRows(steps, judged)]
  const picked = pickRows(failure === null ? candidates : [...candidates, failure], judged.findings[0] ?? null)
  const rows = picked.map(({ event: _, matters: __, ...row }, index) => ({ ...row, time: index + 1 }))
  const shown = rows.filter(({ key, part }) => key !== null && part !== 'due').length
  return {
    actors: [...new Set(rows.map(({ actor }) => actor))],
    rows,
    programs: programsIn(rows, steps),
    steps: steps.length,
    leftOut: steps.length - shown,
  }
}

function stepRows(steps: readonly TracedStep[], holds: readonly EffectiveHold[]): PickedRow[] {
  const held = new Set(holds.map(({ event }) => event))
  const awaited = new Set(holds.map(({ until }) => until))
  return steps.map(({ step, timeMs, key, label, node }) => {
    const part = held.has(key) ? 'held' : awaited.has(key) ? 'awaited' : 'step'
    return { step, timeMs, actor: node, key, part, event: null, ...stepInWords({ key, label }) }
  })
}

/** Where an event could have happened and was passed over. */
function dueRows(steps: readonly TracedStep[], holds: readonly EffectiveHold[]): PickedRow[] {
  return holds.flatMap(({ event, dueAtStep, label, node }): PickedRow[] => {
    // The trace shows what an event carries, too; of one that never came there is only its label.
    const held = steps.find(({ key }) => key === event) ?? { key: event, label, step: null }
    const now = steps[dueAtStep]
    if (now === undefined || held.step === dueAtStep) return []
    const { what } = stepInWords(held)
    const { step, timeMs } = now
    return [{ step, timeMs, actor: node, key: event, part: 'due', event: null, what, matters: true }]
  })
}

function callRows(
  steps: readonly TracedStep[],
  { history, recordedAt }: Pick<Judged, 'history' | 'recordedAt'>,
): PickedRow[] {
  return mergedDeliveries(history).flatMap(({ index, first: event, last }): PickedRow[] => {
    const what = inWords(event, last)
    if (what === null) return []
    const step = recordedAt?.[index] ?? stepAt(steps, event.timeMs)
    const timeMs = recordedAt === undefined ? event.timeMs : (steps[step]?.timeMs ?? event.timeMs)
    return [{ step, timeMs, actor: actorOf(event), key: null, what, part: 'call', event, matters: true }]
  })
}

/** Where it went wrong: at the last thing that shows it; where nothing was recorded, where the error was met. */
function failureRow(
  steps: readonly TracedStep[],
  { findings: met }: Pick<SimResult<unknown>, 'findings'>,
  { history, recordedAt, findings: [finding] }: Pick<Judged, 'history' | 'recordedAt' | 'findings'>,
): PickedRow | null {
  const last = steps.at(-1)
  if (finding === undefined || last === undefined) return null
  const shown = lastOf(finding, history)
  const trouble = met.find(({ message }) => finding.message.includes(message))
  const lastSeen = history.findLastIndex((event) => 'client' in event)
  const step = (shown === null ? trouble?.step : recordedAt?.[shown]) ?? recordedAt?.[lastSeen] ?? last.step
  const event = shown === null ? undefined : history[shown]
  const [, process] = /^process '([^']+)'/.exec(finding.message) ?? []
  const actor = event === undefined ? (process ?? trouble?.node ?? last.node) : actorOf(event)
  const { timeMs } = steps[step] ?? last
  const [line = ''] = finding.message.split('\n')
  return {
    step,
    timeMs,
    actor,
    key: null,
    what: `${finding.check}: ${line}`,
    part: 'failure',
    event: null,
    matters: true,
  }
}

/** The place in the history of the last event that shows a finding; null when none does. */
function lastOf({ evidence }: Finding, history: readonly HistoryEvent[]): number | null {
  const last = evidence.at(-1)
  // Between threads, events are copied.
  const same = (event: HistoryEvent) => event === last || (event.timeMs === last?.timeMs && event.type === last.type)
  const place = last === undefined ? -1 : history.findLastIndex(same)
  return place < 0 ? null : place
}

/** The step that was under way at a moment of the record. */
function stepAt(steps: readonly TracedStep[], timeMs: number): number {
  return steps.findLast((step) => step.timeMs <= timeMs)?.step ?? 0
}

function programsIn(rows: readonly Row[], steps: readonly TracedStep[]): TimeLine['programs'] {
  return steps.flatMap(({ key, label }) => {
    const [, process] = /^(\w+)\.start\/0$/.exec(key) ?? []
    if (process === undefined) return []
    const isNamed = rows.some(({ actor, what }) => actor === process || new RegExp(`\\b${process}\\b`).test(what))
    return isNamed ? [{ process, command: label }] : []
  })
}
