import type { CompletionEvent, HistoryEvent, ObserveEvent } from '../harness/history/event.ts'
import { shortened } from './wording.ts'

/** One line of a time-line. */
export interface EventLine {
  timeMs: number
  /** The client that did or saw it; else the process, or what a fault hit. */
  who: string
  what: string
}

const valueLimit = 120

/** Tells an event of the history in words. */
export function eventLine(event: HistoryEvent): EventLine {
  return { timeMs: event.timeMs, who: whoOf(event), what: whatOf(event) }
}

function whoOf(event: HistoryEvent): string {
  if ('client' in event) return event.client
  if ('process' in event) return event.process
  return event.type === 'fault' ? event.scope : 'harness'
}

function whatOf(event: HistoryEvent): string {
  switch (event.type) {
    case 'invoke':
      return `${event.f}${argument(event.input)} …`
    case 'ok':
    case 'fail':
    case 'info':
      return `${event.f} ${completion(event)}`
    case 'observe':
      return observation(event)
    case 'probe':
      return `${event.topic}: ${fields(event.value)}`
    case 'fault':
      return `fault ${event.fault} ${event.action === 'start' ? 'begins' : 'is healed'}`
    case 'phase':
      return event.round === 0 ? `phase ${event.phase}` : `phase ${event.phase} of round ${event.round}`
    case 'step':
      return `step '${event.name}' ${event.action === 'begin' ? 'begins' : 'ends'} (round ${event.round})`
    case 'audit':
      return `${event.round === 0 ? 'baseline' : `after round ${event.round}`}: ${audited(event.counts)}`
    case 'target':
      return `${event.event}: ${shortened(event.detail, valueLimit * 2)}`
  }
}

function completion({ type, output, error = 'no reason was given', status }: CompletionEvent): string {
  if (type === 'ok') return `→${argument(output) || ' done'}`
  const why = shortened(status === undefined ? error : `${status} ${error}`, valueLimit)
  return type === 'fail' ? `✗ refused: ${why}` : `? unknown outcome: ${why}`
}

function observation(event: ObserveEvent): string {
  const { subscriber, stream } = event
  switch (event.f) {
    case 'subscribe':
      return `${subscriber} subscribes to ${stream} after event ${event.after}, via ${event.via}`
    case 'event':
      return `${subscriber} ← ${stream} event ${event.id} ${event.kind}${argument(event.data)}`
    case 'gap':
      return `${subscriber} ← ${stream} gap: events ${event.from}–${event.to} are gone`
    case 'end':
      return `${subscriber} ends: ${event.reason}${event.detail === undefined ? '' : ` (${shortened(event.detail, valueLimit)})`}`
  }
}

/** A value after a space, or nothing where there is none. */
function argument(value: unknown): string {
  return value === undefined || value === null ? '' : ` ${shortened(JSON.stringify(value), valueLimit)}`
}

function fields(value: Record<string, unknown>): string {
  return shortened(
    Object.entries(value)
      .map(([name, field]) => `${name} ${fieldText(field)}`)
      .join(', '),
    valueLimit * 2,
  )
}

function fieldText(field: unknown): string {
  if (typeof field === 'string') return field
  // Times have more digits than anybody can use.
  return typeof field === 'number' ? String(Math.round(field * 1000) / 1000) : JSON.stringify(field)
}

/** Counts of instances are many, and what leaked is named by the finding itself. */
function audited(counts: Record<string, number>): string {
  const told = Object.entries(counts).filter(([kind, count]) => !kind.startsWith('instances:') && count > 0)
  return told.length === 0
    ? 'nothing is open'
    : shortened(told.map(([kind, count]) => `${kind} ${count}`).join(', '), valueLimit * 2)
}
