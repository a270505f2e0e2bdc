import type { CompletionEvent, HistoryEvent, InvokeEvent } from '../../history/event.ts'
import { type ToldStep, withInterruptions } from '../../threads/told.ts'
import type { ThreadTrial } from './thread-subject.ts'

/** One row of a failing schedule: a step of a thread, or the begin or end of a call of it. */
export interface ToldRow extends ToldStep {
  readonly kind: 'step' | 'call'
  /** How many steps of the schedule were over; for a step, itself included. */
  readonly step: number
}

/** So much of a value is shown. */
const valueWidth = 60

/** Of more steps of one thread in a row, with no call between them, only the first and the last are shown. */
const shownInARow = 3

/** The steps of a schedule and the calls of its threads, in order; long stretches of one thread are folded. */
export function rowsOf({
  steps,
  history,
  eventSteps,
}: Pick<ThreadTrial, 'steps' | 'history' | 'eventSteps'>): ToldRow[] {
  const calls = history.flatMap((event, place) => callRow(event, eventSteps[place] as number))
  const rows: ToldRow[] = []
  for (const [at, step] of withInterruptions(steps).entries()) {
    const number = at + 1
    const around = calls.filter((call) => call.step === number)
    // A call begins before the first step that belongs to it.
    rows.push(...around.filter(({ begins }) => begins))
    rows.push({ ...step, kind: 'step', step: number })
    rows.push(...around.filter(({ begins }) => !begins))
  }
  return folded(rows)
}

function callRow(event: HistoryEvent, step: number): (ToldRow & { begins: boolean })[] {
  if (event.type !== 'invoke' && event.type !== 'ok' && event.type !== 'fail' && event.type !== 'info') return []
  const thread = threadOf(event.client)
  if (thread === null) return []
  const text = event.type === 'invoke' ? begunText(event) : endedText(event)
  const row = { kind: 'call', thread, text, place: null, interrupts: false } as const
  return [{ ...row, step, begins: event.type === 'invoke' }]
}

function begunText({ client, f, input }: InvokeEvent): string {
  return `${client}: ${f} ${input === null || input === undefined ? '' : `${shown(input)} `}…`
}

function endedText({ client, f, type, output, error }: CompletionEvent): string {
  return type === 'ok' ? `${client}: ${f} → ${shown(output)}` : `${client}: ${f} ${type}: ${error}`
}

/** The thread whose client it is; null for what comes before and after the threads. */
function threadOf(client: string): number | null {
  const [, thread] = /^t(\d+)/.exec(client) ?? []
  return thread === undefined ? null : Number(thread)
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > valueWidth ? `${text.slice(0, valueWidth - 1)}…` : text
}

function folded(rows: readonly ToldRow[]): ToldRow[] {
  const kept: ToldRow[] = []
  for (let at = 0; at < rows.length; ) {
    const length = stretchAt(rows, at)
    const stretch = rows.slice(at, at + length)
    kept.push(...(length > 2 * shownInARow + 1 ? shortened(stretch) : stretch))
    at += length
  }
  return kept
}

/** How many steps of one thread follow each other here; 1 for a call. */
function stretchAt(rows: readonly ToldRow[], at: number): number {
  const { kind, thread } = rows[at] as ToldRow
  if (kind === 'call') return 1
  const end = rows.findIndex((row, other) => other > at && (row.kind !== 'step' || row.thread !== thread))
  return (end < 0 ? rows.length : end) - at
}

function shortened(stretch: readonly ToldRow[]): ToldRow[] {
  const left = stretch.length - 2 * shownInARow
  const between = stretch[shownInARow] as ToldRow
  return [
    ...stretch.slice(0, shownInARow),
    { ...between, text: `… ${left} more steps`, place: null, interrupts: false },
    ...stretch.slice(-shownInARow),
  ]
}
