import { type Defect, defect } from 'raceproof'
import type { ServiceStatus } from '../service-status-manager.ts'
import { ServiceStatusManager } from '../service-status-manager.ts'

/** All readers share one object, which changes while they look at it. */
export const aliasedRead: Defect = defect(
  'aliased-read',
  ServiceStatusManager,
  {
    source: 'thread-safe-state-management, copy on read',
    wrong: '`get` returns the live object instead of a copy',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads'],
    scenarios: ['services-at-once', 'copies-kept'],
  },
  (Correct) =>
    class extends Correct {
      readonly #live: Record<string, ServiceStatus> = {}

      override getAllStatus() {
        return Object.assign(this.#live, super.getAllStatus()) // DEFECT: earlier readers hold the same object
      }
    },
)
