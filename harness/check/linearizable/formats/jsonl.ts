import type { HistoryEvent } from '../../../history/event.ts'
import type { SavedHistory } from './saved-history.ts'

const kinds: ReadonlySet<string> = new Set<HistoryEvent['type']>([
  'invoke',
  'ok',
  'fail',
  'info',
  'observe',
  'probe',
  'fault',
  'phase',
  'step',
  'audit',
  'target',
])

/**
 * Reads our own format: one event a line, as `history/event.ts` has them. Histories written by others may leave out
 * `timeMs` (then order is all there is) and, as a client does one thing at a time, `call`, and `f` where a call ends.
 */
export function readJsonl(text: string): SavedHistory {
  const reader = new JsonlReader()
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => line.trim() !== '')
  for (let index = 0; index <= last; index++) reader.read(lines[index]!, index + 1, index === last)
  return reader.saved
}

class JsonlReader {
  readonly saved = { format: 'JSONL', history: [], lines: [], problems: [], cutAt: null } as SavedHistory & {
    history: HistoryEvent[]
  }
  readonly #open = new Map<string, { call: number; f: string }>()
  #calls = 0
  #timeMs = 0

  read(text: string, line: number, isLast: boolean): void {
    if (text.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      // A file whose writer was killed ends in the middle of a line; anywhere else that is damage.
      if (isLast) this.saved.cutAt = line
      else this.saved.problems.push({ line, text: `expected one JSON value, got ${excerpt(text)}` })
      return
    }
    const problem = this.#problemOf(value)
    if (problem !== null) this.saved.problems.push({ line, text: problem })
    else this.#add(value as Partial<HistoryEvent>, line)
  }

  #problemOf(value: unknown): string | null {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return `expected an event object, got ${excerpt(JSON.stringify(value))}`
    }
    const { type, client, f, timeMs } = value as Record<string, unknown>
    if (typeof type !== 'string' || !kinds.has(type)) return `expected a known event type, got ${JSON.stringify(type)}`
    if (timeMs !== undefined && typeof timeMs !== 'number')
      return `expected timeMs to be a number, got ${JSON.stringify(timeMs)}`
    if (!isOfCall(type)) return null
    if (typeof client !== 'string' && typeof client !== 'number')
      return `expected a client's name, got ${JSON.stringify(client)}`
    return type !== 'invoke' || typeof f === 'string'
      ? null
      : `expected the name of an operation as f, got ${JSON.stringify(f)}`
  }

  #add(event: Partial<HistoryEvent>, line: number): void {
    this.#timeMs = event.timeMs ?? this.#timeMs
    const timed = { ...event, timeMs: this.#timeMs } as HistoryEvent
    this.saved.history.push(isOfCall(timed.type) ? this.#numbered(timed) : timed)
    this.saved.lines.push(line)
  }

  #numbered(event: HistoryEvent): HistoryEvent {
    const {
      client: name,
      call: given,
      f,
      type,
    } = event as { client: string | number; call?: number; f: string; type: string }
    const client = String(name)
    if (type !== 'invoke') {
      const { call, f: begun } = this.#open.get(client) ?? { call: -1, f: 'unknown' }
      return { ...event, client, call: given ?? call, f: f ?? begun } as HistoryEvent
    }
    const call = given ?? this.#calls
    this.#calls = Math.max(this.#calls, call + 1)
    this.#open.set(client, { call, f })
    return { ...event, client, call } as HistoryEvent
  }
}

function isOfCall(type: string): boolean {
  return type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info'
}

function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}
