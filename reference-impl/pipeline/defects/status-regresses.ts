import { type Defect, defect } from 'raceproof'
import type { Plan } from '../plan.ts'
import { PlanRegistry } from '../plan-registry.ts'

/** A note of progress that comes late revives a plan that has ended. */
export const statusRegresses: Defect = defect(
  'status-regresses',
  PlanRegistry,
  {
    source: 'thread-safety-analysis 6; race-condition-bug-fix, monitor logs',
    wrong: 'a late progress write puts `running` over `completed`',
    caughtBy: ['lifecycle'],
    worlds: ['sim', 'live'],
    scenarios: ['plans-at-once', 'slow-reader-cleanup'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async saveProgress(plan: Plan): Promise<void> {
        await super.saveProgress(plan)
        // DEFECT: the plan may have ended while the note was written
        if (plan.state !== 'running') plan.moveTo('running')
      }
    },
)
