import { type Defect, defect } from 'raceproof'
import type { Statuses } from '../service-registry.ts'
import { ServiceRegistry } from '../service-registry.ts'
import { turn } from '../turn.ts'

/** Who looks while several services are set sees some of them set and others not. */
export const tornMultiFieldUpdate: Defect = defect(
  'torn-multi-field-update',
  ServiceRegistry,
  {
    source: 'thread-safe-state-management, before implementation',
    wrong: 'one service after another is probed and set, instead of one atomic `updateStatus`',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['services-at-once', 'services-of-two-loops'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async update(statuses: Statuses) {
        for (const [name, status] of Object.entries(statuses)) {
          await super.update({ [name]: status }) // DEFECT: the others are not set yet
          await turn()
        }
      }
    },
)
