import { HarnessError, messageOf } from '../errors.ts'
import type { HistoryEvent } from './event.ts'

type Kind = 'string' | 'number' | 'list' | 'record'

const call = { client: 'string', call: 'number', f: 'string' } as const
const observation = { client: 'string', subscriber: 'string', stream: 'string' } as const

/** The fields without which no check could read an event, by the event's type (and `f`, of an observation). */
const fields: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  invoke: call,
  ok: call,
  fail: call,
  info: call,
  'observe subscribe': { ...observation, after: 'number', via: 'string' },
  'observe event': { ...observation, id: 'number', kind: 'string' },
  'observe gap': { ...observation, from: 'number', to: 'number' },
  'observe end': { ...observation, reason: 'string' },
  probe: { process: 'string', topic: 'string', value: 'record' },
  fault: { fault: 'string', action: 'string', scope: 'string' },
  phase: { phase: 'string', round: 'number' },
  step: { name: 'string', action: 'string', round: 'number' },
  audit: { round: 'number', counts: 'record', blind: 'list', items: 'list' },
  target: { event: 'string', process: 'string', detail: 'string' },
}

/** Reads one line of `history.jsonl`. Throws `ERR_RECORD_INVALID` with what is wrong with it. */
export function parseEvent(line: string): HistoryEvent {
  const event = parsed(line)
  const type = event.type === 'observe' ? `observe ${String(event.f)}` : String(event.type)
  const expected = Object.hasOwn(fields, type) ? fields[type] : undefined
  if (expected === undefined) throw invalid(`'${type}' is no type of event`)
  for (const [name, kind] of Object.entries({ timeMs: 'number' as const, ...expected })) {
    if (kindOf(event[name]) !== kind) {
      throw invalid(`field '${name}' of '${type}' must be a ${kind}, got ${JSON.stringify(event[name])}`)
    }
  }
  return event as unknown as HistoryEvent
}

function parsed(line: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw invalid(`it is not JSON (${messageOf(error)})`)
  }
  if (kindOf(value) !== 'record') throw invalid(`expected an object, got ${line.slice(0, 80)}`)
  return value as Record<string, unknown>
}

function kindOf(value: unknown): Kind | undefined {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return value === null ? undefined : 'record'
  return typeof value === 'string' || typeof value === 'number' ? (typeof value as Kind) : undefined
}

function invalid(message: string): HarnessError {
  return new HarnessError('ERR_RECORD_INVALID', message)
}
