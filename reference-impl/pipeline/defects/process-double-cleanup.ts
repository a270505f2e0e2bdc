import { type Defect, defect } from 'raceproof'
import type { Ending } from '../ending.ts'
import type { Plan } from '../plan.ts'
import { PlanRegistry } from '../plan-registry.ts'

/** Completion and deletion both clean up, and the second one takes away what is not its own. */
export const processDoubleCleanup: Defect = defect(
  'process-double-cleanup',
  PlanRegistry,
  {
    source: 'thread-safety-analysis 3',
    wrong:
      'completion and delete both clean the execution up; the second finds it gone, or removes a newer one of the same id',
    caughtBy: ['lifecycle', 'server-errors', 'leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['hasty-delete'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async finish(plan: Plan, ending: Ending): Promise<void> {
        const wasEnded = plan.ended
        await super.finish(plan, ending)
        if (wasEnded || plan.state === ending.type) return
        // DEFECT: the plan was ended by somebody else while this one waited
        plan.moveTo(ending.type)
        this.active.delete(plan.id)
      }
    },
)
