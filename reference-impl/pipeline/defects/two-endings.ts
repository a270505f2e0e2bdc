import { type Defect, defect } from 'raceproof'
import type { Ending } from '../ending.ts'
import type { Plan } from '../plan.ts'
import { PlanRegistry } from '../plan-registry.ts'

/** A plan that completes while it is being deleted ends twice. */
export const twoEndings: Defect = defect(
  'two-endings',
  PlanRegistry,
  {
    source: 'thread-safety-analysis 2 and 3',
    wrong: 'completion and deletion each publish a terminal event',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['deleted-while-completing'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async finish(plan: Plan, ending: Ending): Promise<void> {
        // DEFECT: the other one may be on its way, and has not ended it yet
        if (!plan.ended && plan.stream !== null) await this.end(plan, plan.stream, ending)
      }
    },
)
