import type { Model, Operation } from '../../model.ts'

/** The calls on one independent part of the object. */
export interface Part {
  /** Null where the model divides nothing. */
  key: string | null
  operations: Operation[]
}

/**
 * Divides calls by the key that they are about. A history is linearizable exactly if each part is (Herlihy and Wing
 * 1990, locality), and searching parts is faster than searching the whole by orders of magnitude.
 */
export function partsOf(model: Model, operations: Operation[]): Part[] {
  const whole = [{ key: null, operations }]
  if (model.partition === undefined) return whole
  const parts = new Map<string, Operation[]>()
  for (const operation of operations) {
    const key = model.partition(operation.input, operation.f)
    if (key === undefined) return whole
    const part = parts.get(String(key))
    if (part === undefined) parts.set(String(key), [operation])
    else part.push(operation)
  }
  return [...parts].map(([key, operations]) => ({ key: key === '' ? null : key, operations }))
}
