import { type Defect, defect } from 'raceproof'
import { PlanRegistry } from '../plan-registry.ts'

/** A subscriber that is faster than the first line of its plan is told that there is no such plan. */
export const subscribeBeforeCreate: Defect = defect(
  'subscribe-before-create',
  PlanRegistry,
  {
    source: 'sse-reliability-issues 2',
    wrong: 'a subscriber that arrives before the stream exists is refused for good',
    caughtBy: ['delivery', 'progress'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect', 'slow-reader-cleanup'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async find(id: string) {
        const plan = await super.find(id)
        // DEFECT: a plan has a stream only once its process has printed something
        return plan?.lastEventId === 0 && plan.state !== 'deleted' ? undefined : plan
      }
    },
)
