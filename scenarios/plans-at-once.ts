import { type Account, type Call, check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { planMachine } from '../reference-impl/pipeline/target-plan-machine.ts'
import { noSuchCommand } from '../reference-impl/pipeline/target-programs.ts'

/** Many plans are created, noted, ended and deleted at once; what was written for one must not depend on the others. */
export default scenario('plans-at-once', {
  target: pipeline,
  source: 'thread-safety-analysis: issue 1 (registry without a lock), issue 6 (shared database session)',
  promise: 'A plan that was accepted is found until somebody deletes it, whatever else is written at the same time.',
  config: { progressEveryLines: 2 },
  async script({ crowd, random, unique, sleep }) {
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))
    await crowd.attempt(async (each, index) => {
      for (let turn = 0; turn < 2; turn++) {
        const isBrief = draws[index]!.chance(0.6)
        const brief = draws[index]!.chance(0.2) ? { command: noSuchCommand } : { lines: 4 }
        const plan = await each.createPlan({ id: unique('plan'), ...(isBrief ? brief : { command: ['sleep', '600'] }) })
        // One that runs is known to the registry; one that has ended is in the database only.
        let { state } = await each.getPlan(plan.id)
        while (isBrief && (state === 'accepted' || state === 'running')) {
          await sleep(2)
          state = (await each.getPlan(plan.id)).state
        }
        await each.getPlan(plan.id)
        await each.deletePlan(plan)
      }
    })
  },
  checks: [
    check.survival({ account: livesOf }),
    check.lifecycle({ machines: { plan: planMachine } }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 40, seconds: 5, gate: false }, sim: { clients: 3 } },
})

/** A plan is there from the answer that accepts it until somebody asks for its deletion. */
function livesOf({ f, input, outcome }: Call): Account | null {
  const { id = '' } = input as { id?: string }
  if (f === 'createPlan') return { keeps: [id] }
  if (f === 'deletePlan') return { removes: [id] }
  if (f !== 'getPlan') return null
  if (outcome.type === 'ok') return { shows: [id] }
  return outcome.type === 'fail' && (outcome.status === 404 || outcome.status === 410) ? { covers: [id] } : null
}
