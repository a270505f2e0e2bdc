/**
 * A copy of a value in which `replacement` stands for some of the objects, in arrays, plain objects, maps and sets too. It
 * answers undefined for those that stay; all else in them is copied as it is.
 */
export function mapValues(
  value: unknown,
  replacement: (value: object) => unknown,
  seen = new Map<object, unknown>(),
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value) ?? replacement(value)
  if (known !== undefined) return known
  const map = (each: unknown) => mapValues(each, replacement, seen)
  const copy = emptyLike(value)
  if (copy === null) return value
  seen.set(value, copy)
  if (copy instanceof Map) for (const [key, each] of value as Map<unknown, unknown>) copy.set(map(key), map(each))
  else if (copy instanceof Set) for (const each of value as Set<unknown>) copy.add(map(each))
  else for (const [key, each] of Object.entries(value)) Reflect.set(copy, key, map(each))
  return copy
}

/** Null for what has a class of its own. */
function emptyLike(value: object): object | null {
  if (Array.isArray(value)) return new Array(value.length)
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  return Object.getPrototypeOf(value) === Object.prototype ? {} : null
}
