/**
 * The candidate that was most likely meant: the only one that begins with the word, or the one that is spelt most like
 * it. Undefined when none is close.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const continued = word.length < 3 ? [] : candidates.filter((candidate) => candidate.startsWith(word))
  if (continued.length === 1) return continued[0]
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .sort((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= Math.max(2, word.length / 3) ? best.candidate : undefined
}

/** Names what is known, and what was most likely meant: the end of every message about an unknown name. */
export function known(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates)
  const question = meant === undefined ? '' : ` Did you mean '${meant}'?`
  return `${question} Known: ${candidates.length === 0 ? 'none' : candidates.join(', ')}.`
}

/**
 * Says of an object's first field that nobody would read what was most likely meant; undefined when it has none. Neither plain
 * JavaScript nor TypeScript that is run without a build has compared the names.
 */
export function strayField(value: object, fields: Readonly<Record<string, true>>): string | undefined {
  const names = Object.keys(fields)
  const stray = Object.keys(value).find((field) => !names.includes(field))
  return stray === undefined ? undefined : `there is no field '${stray}'.${known(stray, names)}`
}

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
