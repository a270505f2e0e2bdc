import { type Defect, defect } from 'raceproof'
import { PlanRegistry } from '../plan-registry.ts'
import type { PlanSpec } from '../plan-spec.ts'

/** Concurrent creates overwrite each other in the registry, so that a plan that was accepted is not known any more. */
export const unlockedRegistry: Defect = defect(
  'unlocked-registry',
  PlanRegistry,
  {
    source: 'thread-safety-analysis 1',
    wrong: 'registry updates read, await, and write back a copy: concurrent creates lose plans',
    caughtBy: ['survival'],
    worlds: ['sim', 'live'],
    scenarios: ['plans-at-once'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async accept(spec: PlanSpec) {
        const known = new Map(this.active)
        const plan = await super.accept(spec)
        // DEFECT: forgets whoever was accepted while this one was stored
        this.active = known.set(plan.id, plan)
        return plan
      }
    },
)
