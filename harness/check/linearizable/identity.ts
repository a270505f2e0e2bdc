/**
 * Values compare by content, as they would after a trip through JSON: `identity` gives a primitive that is the same for
 * equal values and different for others, fit for a Map. Numbers and the like stand for themselves, so that the usual
 * case costs nothing; `undefined` is `null`, because JSON knows no difference where it matters (an answer of nothing).
 */
export type Identity = string | number | boolean | bigint | symbol | null

const mark = '\u0000'

export function identity(value: unknown): Identity {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value.startsWith(mark) ? mark + JSON.stringify(value) : value
  if (typeof value === 'object') return mark + canonical(value)
  return value as Identity
}

/** Whether two values have the same content. */
export function same(one: unknown, other: unknown): boolean {
  return one === other || identity(one) === identity(other)
}

/** JSON with sorted keys, in which maps and sets have a form of their own. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value instanceof Map) return `Map{${[...value].map(canonical).sort().join()}}`
  if (value instanceof Set) return `Set{${[...value].map(canonical).sort().join()}}`
  if (value instanceof Date) return JSON.stringify(value)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .sort()
    .join()}}`
}
