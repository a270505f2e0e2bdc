import type { ModelCall } from '../../model.ts'

const longest = 60

/** A value as messages show it: JSON, cut when it is long. */
export function show(value: unknown): string {
  if (typeof value === 'symbol') return value.description ?? String(value)
  const text = typeof value === 'object' ? JSON.stringify(value, plain) : (JSON.stringify(value) ?? String(value))
  return text.length <= longest ? text : `${text.slice(0, longest - 20)}…${text.slice(-16)}`
}

/** `write(5)`, `read()`. */
export function askedText({ f, input }: Pick<ModelCall, 'f' | 'input'>): string {
  return `${f}(${input === null || input === undefined ? '' : show(input)})`
}

/** `write(5)`, `read() → 3`, `acquire() …` for a call whose end nobody knows. */
export function callText(call: ModelCall & { known: boolean }): string {
  if (!call.known) return `${askedText(call)} …`
  return call.output === undefined ? askedText(call) : `${askedText(call)} → ${show(call.output)}`
}

/** `c3's read() → 5`. */
export function whose(operation: ModelCall & { known: boolean; client: string }): string {
  const client = /^\d/.test(operation.client) ? `client ${operation.client}` : operation.client
  return `${client}'s ${callText(operation)}`
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [String(key), entry]))
  return value
}
