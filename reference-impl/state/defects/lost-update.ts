import { type Defect, defect } from 'raceproof'
import { ServiceRegistry } from '../service-registry.ts'

/** Two who turn a service over at once both turn it the same way. */
export const lostUpdate: Defect = defect(
  'lost-update',
  ServiceRegistry,
  {
    source: 'thread-safe-state-management, before implementation',
    wrong: '`update(fn)` takes the lock to read, computes or probes, and takes it again to write',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['services-at-once', 'services-of-two-loops'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async toggle(names: readonly string[]) {
        const turned = await this.opposites(names)
        await this.update(turned) // DEFECT: what was read may have changed since the lock was let go
        return turned
      }
    },
)
