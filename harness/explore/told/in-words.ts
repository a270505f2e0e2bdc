import type { HistoryEvent } from '../../history/event.ts'

const longest = 72

/** What a client did or saw, in a few words; null for what is no affair of a client. */
export function inWords(event: HistoryEvent): string | null {
  switch (event.type) {
    case 'invoke':
      return `${event.f}(${brief(event.input)}) …`
    case 'ok':
      return `${event.f} → ${brief(event.output)}`
    case 'fail':
      return `${event.f} refused: ${cut(event.error ?? 'without a reason')}`
    case 'info':
      return `${event.f} ended, nobody knows how: ${cut(event.error ?? 'without a reason')}`
    case 'observe':
      return event.f === 'subscribe' || event.f === 'end' ? `${event.f} ${event.stream}${reasonOf(event)}` : null
    case 'fault':
      return `fault ${event.fault} ${event.action === 'start' ? 'begins' : 'is healed'} (${event.scope})`
    default:
      return null
  }
}

function reasonOf(event: Extract<HistoryEvent, { type: 'observe' }>): string {
  return event.f === 'end' ? ` (${event.reason})` : ''
}

/** A value, without the marker that every call carries. */
function brief(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return cut(JSON.stringify(value))
  const entries = Object.entries(value).filter(([key]) => key !== 'marker')
  return cut(entries.map(([key, field]) => `${key} ${JSON.stringify(field)}`).join(', '))
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
