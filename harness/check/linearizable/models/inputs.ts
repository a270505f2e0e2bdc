/**
 * What the ready models take as input: a value, or an object that says which of several objects is meant (`key`) and
 * the value (`value`), either left out where it means nothing. `read` of the register `k3` has the input `{ key: 'k3' }`.
 */
export interface Keyed {
  key?: string | number
  value?: unknown
}

/** The key of an input, '' when it names none: all such calls are about one object. */
export function keyIn(input: unknown): string | number {
  return isKeyed(input) ? (input.key ?? '') : ''
}

/** The value of an input. */
export function valueIn(input: unknown): unknown {
  return isKeyed(input) ? input.value : input
}

/** The number of an input (an amount, a count of permits), 1 when it has none. */
export function amountIn(input: unknown): number {
  const value = valueIn(input)
  return typeof value === 'number' ? value : 1
}

/** A field of an input that is an object, undefined when there is none. */
export function fieldIn(input: unknown, field: string): unknown {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[field] : undefined
}

function isKeyed(input: unknown): input is Keyed {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false
  return 'key' in input || 'value' in input
}
