import { type Defect, defect } from 'raceproof'
import { ServiceRegistry } from '../service-registry.ts'
import type { ServiceStatus } from '../service-status-manager.ts'
import { turn } from '../turn.ts'

/** A listing walks the services while others change them. */
export const liveIteration: Defect = defect(
  'live-iteration',
  ServiceRegistry,
  {
    source: 'thread-safe-state-management, safe iteration',
    wrong: '`items()` is a live iterator; a listing awaits between entries',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['services-at-once', 'services-of-two-loops'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async list() {
        const { services } = this.options
        const listed: Record<string, ServiceStatus> = {}
        for (const name of Object.keys(await services.run(() => services.getAllStatus()))) {
          await turn()
          listed[name] = (await this.get(name)) as ServiceStatus // DEFECT: as it is now, not as it was at the begin
        }
        return listed
      }
    },
)
