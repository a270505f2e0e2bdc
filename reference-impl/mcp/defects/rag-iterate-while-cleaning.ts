import { type Defect, defect } from 'raceproof'
import { ResultCache } from '../result-cache.ts'
import { turn } from './turn.ts'

/** The cleanup evicts entries that were refreshed since it looked at them. */
export const ragIterateWhileCleaning: Defect = defect(
  'rag-iterate-while-cleaning',
  ResultCache,
  {
    source: 'mcp-thread-safety-insights, pattern 2, issue 2',
    wrong: 'cleanup collects the expired keys, awaits, and evicts entries that were refreshed meanwhile',
    caughtBy: ['double-loads'],
    worlds: ['sim', 'live'],
    scenarios: ['search-while-cleaning'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override removeExpired(): number {
        const keys = this.expiredKeys()
        // DEFECT: what is evicted in a later turn may be fresh again
        turn().then(() => keys.map((key) => this.delete(key, 'expired')))
        return keys.length
      }
    },
)
