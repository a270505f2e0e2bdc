import type { Random } from '../../random.ts'

/** One of the items, each as likely as its weight; all alike when no weight is above 0. */
export function weighted<T>(random: Random, items: readonly T[], weightOf: (item: T) => number): T {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0)
  if (total <= 0) return random.pick(items)
  let left = random.real() * total
  for (const item of items) {
    left -= weightOf(item)
    if (left < 0) return item
  }
  return items[items.length - 1] as T
}
