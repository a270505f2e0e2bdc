import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { planMachine } from '../reference-impl/pipeline/target-plan-machine.ts'
import { asPresence, presenceModel } from '../reference-impl/pipeline/target-plan-presence.ts'

/** A delete may arrive while its plan is still being created; then nothing of the plan may start, or stay. */
export default scenario('hasty-delete', {
  target: pipeline,
  source: 'thread-safety-analysis, "Scenario 1: Rapid Plan Creation/Deletion"; issue 3 (process cleanup)',
  promise: 'A plan that is deleted at any moment of its life, even of its birth, leaves nothing behind.',
  async script({ client, crowd, random, unique, sleep }) {
    for (let wave = 0; wave < Math.max(2, Math.min(8, crowd.size >> 1)); wave++) {
      const ids = Array.from({ length: Math.ceil(crowd.size / 2) }, () => unique('plan'))
      const headStartMs = random.integer(-6, 6)
      await crowd.attempt(async (each, index) => {
        const id = ids[index >> 1]!
        if (index % 2 === 0)
          return each.createPlan({ id, ...(wave % 2 ? { lines: 4 } : { command: ['sleep', '600'] }) })
        if (headStartMs > 0) await sleep(headStartMs)
        return each.deletePlan({ id, stream: id })
      })
      // Whoever was deleted too early lives on, as it should, until now; all others are gone.
      await crowd.attempt((each, index) => each.getPlan(ids[index % ids.length]!))
      await crowd.attempt((each, index) => each.deletePlan({ id: ids[index % ids.length]!, stream: '' }))
    }
    await client.listPlans()
  },
  checks: [
    check.linearizable({ model: presenceModel, translate: asPresence }),
    check.lifecycle({ machines: { plan: planMachine } }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 60, seconds: 6, gate: false }, sim: { clients: 4 } },
})
