import { type Defect, defect } from 'raceproof'
import type { Ending } from '../ending.ts'
import type { Plan } from '../plan.ts'
import { PlanRegistry } from '../plan-registry.ts'

/** A plan that is deleted in the moment of its completion is ended twice. */
export const twoEndings: Defect = defect(
  'two-endings',
  PlanRegistry,
  {
    source: 'thread-safety-analysis 2 and 3',
    wrong: 'completion and delete each publish a terminal event',
    caughtBy: ['delivery'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async finish(plan: Plan, ending: Ending): Promise<void> {
        if (plan.ended || plan.stream === null) return
        // DEFECT: between the question and the answer, somebody else may have published the end
        await plan.stream.end(ending)
        await super.finish(plan, ending)
      }
    },
)
