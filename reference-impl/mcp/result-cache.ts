import { GuardedCache } from '../sync/guarded-cache.ts'
import type { SearchHit } from './rag-engine.ts'

/** Search results, by the documents' revision and the query; each for a while only. */
export class ResultCache extends GuardedCache<readonly SearchHit[]> {
  constructor(ttlMs: number) {
    super({ name: 'rag', ttlMs })
  }
}
