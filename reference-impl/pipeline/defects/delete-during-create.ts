import { type Defect, defect } from 'raceproof'
import { labelOf, type Plan } from '../plan.ts'
import { PlanRegistry } from '../plan-registry.ts'
import type { PlanSpec } from '../plan-spec.ts'

/** A plan that is deleted while it is being created is started all the same, and its process belongs to nobody. */
export const deleteDuringCreate: Defect = defect(
  'delete-during-create',
  PlanRegistry,
  {
    source: 'thread-safety-analysis, scenario 1',
    wrong: 'a delete lands while create awaits the insert; the process starts afterwards, unowned',
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['hasty-delete'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override launch(plan: Plan, spec: PlanSpec) {
        return this.locks.run(plan.id, async () => {
          // DEFECT: the plan may have been deleted before its turn came
          plan.execution = await this.runner.start(labelOf(plan), spec.command)
          plan.moveTo('running')
          return plan.execution
        })
      }
    },
)
