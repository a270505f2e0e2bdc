import { type Defect, defect } from 'raceproof'
import { RAGEngine } from '../rag-engine.ts'

/** Finds a result fresh, waits, and uses what a cleanup has removed meanwhile. */
export const ragUnlockedRead: Defect = defect(
  'rag-unlocked-read',
  RAGEngine,
  {
    source: 'mcp-thread-safety-insights, FR-2',
    wrong: 'finds the entry fresh, awaits (re-validating the document set), reads again: cleanup deleted it',
    caughtBy: ['server-errors', 'double-loads'],
    worlds: ['sim', 'live'],
    scenarios: ['search-while-cleaning'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async search(query: string) {
        const key = `${await this.documents.revision()} ${query}`
        if (this.results.peek(key) === undefined) return super.search(query)
        await this.documents.revision()
        // DEFECT: found before the await, and gone after it
        return this.results.get(key)!.slice()
      }
    },
)
