import { anything, type Call, model } from 'raceproof'
import type { CacheCounts } from './cache-metrics.ts'

interface Lookups {
  lookup(): void
  /** How many lookups there were since the last collection. */
  collect(): number
}

/** The counts of a cache as its clients see them: each lookup is counted once, and collected once. */
export const lookupModel = model<Lookups, number>({
  name: 'cache-metrics',
  init: 0,
  blind: ['lookup'],
  apply: {
    lookup: (counted) => [anything, counted + 1],
    collect: (counted) => [counted, 0],
  },
})

/** What the calls of a client mean to the {@link lookupModel}, of the session cache. */
export function asLookups({ f, outcome }: Call): { f: string; input: null; output?: number | null } | null {
  if (f === 'startWorkflow' || f === 'getSession') return { f: 'lookup', input: null, output: null }
  if (f !== 'cacheMetrics') return null
  if (outcome.type !== 'ok') return { f: 'collect', input: null }
  const { caches } = outcome.output as { caches: { sessions: CacheCounts } }
  const { hits, misses, avoidedLoads } = caches.sessions
  return { f: 'collect', input: null, output: hits + misses + avoidedLoads }
}
