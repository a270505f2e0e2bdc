import type { Model, Operation } from '../../model.ts'
import { DefaultMap } from '../default-map.ts'

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
  const keyOf = (place: number) => model.partition?.(operations[place]!.input, operations[place]!.f)
  const first = operations.length > 0 ? keyOf(0) : undefined
  if (first === undefined) return [{ key: null, operations }]
  let same = 1
  while (same < operations.length && keyOf(same) === first) same++
  // Most histories are about one thing; their calls are not sorted into another list.
  if (same === operations.length) return [partOf(String(first), operations)]
  return sorted(operations, keyOf) ?? [{ key: null, operations }]
}

/** The calls by key; null when one of them is about the whole object. */
function sorted(
  operations: readonly Operation[],
  keyOf: (place: number) => string | number | undefined,
): Part[] | null {
  const parts = new DefaultMap<string, Operation[]>(() => [])
  for (let place = 0; place < operations.length; place++) {
    const key = keyOf(place)
    if (key === undefined) return null
    parts.of(String(key)).push(operations[place]!)
  }
  return [...parts].map(([key, part]) => partOf(key, part))
}

function partOf(key: string, operations: Operation[]): Part {
  return { key: key === '' ? null : key, operations }
}
