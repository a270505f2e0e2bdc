import { type Defect, defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'
import type { WorkflowSession } from '../workflow-session.ts'

/** Who asks after a creation that failed gets its failure, for ever. */
export const failedLoadCached: Defect = defect(
  'failed-load-cached',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, pattern 1',
    wrong: 'a creation that failed stays in the cache, and every later caller gets the failure',
    caughtBy: ['progress', 'server-errors'],
    worlds: ['sim', 'live'],
    scenarios: ['workflow-added-late'],
  },
  (Correct) =>
    class extends Correct {
      readonly #loads = new Map<string, Promise<WorkflowSession>>()

      protected override load(key: string, create: (key: string) => Promise<WorkflowSession>) {
        const load = this.#loads.get(key) ?? super.load(key, create)
        this.#loads.set(key, load) // DEFECT: also when it fails
        load.then(
          () => this.#loads.delete(key),
          () => {},
        )
        return load
      }
    },
)
