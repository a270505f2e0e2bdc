/** Joins names for a sentence, the first `limit` of them: `c1, c2 and 7 more`. */
export function names(all: Iterable<string>, limit = 4): string {
  const list = [...all]
  if (list.length <= 1) return list.join()
  if (list.length <= limit) return `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
  return `${list.slice(0, limit).join(', ')} and ${list.length - limit} more`
}

/** `1 call`, `2 calls`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** A time of the history, as messages show it. */
export function at(timeMs: number): string {
  return `${timeMs.toFixed(timeMs < 10 ? 3 : 0)} ms`
}
