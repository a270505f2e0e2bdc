import { createHash } from 'node:crypto'

/** Steps that one digest is about. */
export const stepsPerDigest = 16

/** One short hash for every 16 lines of a trace. */
export function digestsOf(trace: readonly string[]): string[] {
  const digests: string[] = []
  for (let from = 0; from < trace.length; from += stepsPerDigest) {
    const lines = trace.slice(from, from + stepsPerDigest).join('\n')
    digests.push(createHash('sha256').update(lines).digest('hex').slice(0, 8))
  }
  return digests
}

/** The first step at which two traces may differ, as their digests tell; null when they tell no difference. */
export function firstDifference(one: readonly string[], other: readonly string[]): number | null {
  const longer = Math.max(one.length, other.length)
  for (let place = 0; place < longer; place++) if (one[place] !== other[place]) return place * stepsPerDigest
  return null
}
