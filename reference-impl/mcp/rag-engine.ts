import MiniSearch from 'minisearch'
import type { Document, DocumentSet } from './document-set.ts'
import type { IndexCache } from './index-cache.ts'
import type { ResultCache } from './result-cache.ts'

/** A document that fits a query. */
export interface SearchHit {
  title: string
  score: number
  excerpt: string
}

const most = 5
const excerptLength = 160

/**
 * Full-text search over the document set. Results are cached for a while, and only for the revision of the documents
 * that they were found in.
 *
 * The documents' revision is part of the cache's key. So it is asked for before the cache is, and nothing is awaited
 * between finding an entry and using it; entries of an older revision are never found again and expire.
 */
export class RAGEngine {
  protected readonly documents: DocumentSet
  protected readonly results: ResultCache
  protected readonly indexes: IndexCache

  constructor(documents: DocumentSet, results: ResultCache, indexes: IndexCache) {
    this.documents = documents
    this.results = results
    this.indexes = indexes
  }

  async search(query: string): Promise<readonly SearchHit[]> {
    const revision = await this.documents.revision()
    return this.results.getOrCreate(`${revision} ${query}`, () => this.find(query, revision))
  }

  /** Drops what has expired, and returns how many results that were. */
  cleanUp(): number {
    this.indexes.removeExpired()
    return this.results.removeExpired()
  }

  protected async find(query: string, revision: string): Promise<readonly SearchHit[]> {
    const index = await this.indexes.getOrCreate(revision, () => this.build())
    return index
      .search(query, { prefix: true, fuzzy: 0.2, boost: { title: 2 } })
      .slice(0, most)
      .map(hitOf)
  }

  protected async build(): Promise<MiniSearch<Document>> {
    const index = new MiniSearch<Document>({ fields: ['title', 'text'], storeFields: ['title', 'text'] })
    index.addAll(await this.documents.documents())
    return index
  }
}

function hitOf({ title, text, score }: { title?: string; text?: string; score: number }): SearchHit {
  return { title: title ?? '', score: Math.round(score * 1000) / 1000, excerpt: (text ?? '').slice(0, excerptLength) }
}
