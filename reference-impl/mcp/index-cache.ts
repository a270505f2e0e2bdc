import type MiniSearch from 'minisearch'
import { GuardedCache } from '../sync/guarded-cache.ts'
import type { Document } from './document-set.ts'

/** Search indexes, by the documents' revision. One that is made anew now and then costs little; old ones cost memory. */
export class IndexCache extends GuardedCache<MiniSearch<Document>> {
  constructor(ttlMs: number) {
    super({ name: 'rag-index', ttlMs })
  }
}
