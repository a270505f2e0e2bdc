import { check, fault, nemesis, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** Connections break all the time; whoever comes back goes on after the last event that it has. */
export default scenario('reconnect-and-resume', {
  target: pipeline,
  source:
    'sse-reliability-issues, issues 6 and 9 (zombie connections, no resume); thread-safety-analysis, status update',
  promise: 'A watcher that is cut off and comes back sees every event once, in order, up to the end.',
  // Whoever missed more than this is sent it from the database, which takes its time.
  config: { replayEvents: 8 },
  async script({ client, crowd, random, unique, sleep, step }) {
    const lines = Math.min(40, 8 * crowd.size)
    const plan = await client.createPlan({ id: unique('plan'), lines, rate: 80 })
    const draws = Array.from({ length: crowd.size }, (_, index) => random.fork(index))

    await step('while it runs', () =>
      crowd.all(async (each, index) => {
        const draw = draws[index]!
        let watcher = await each.watch(plan)
        for (let cut = 0; cut < Math.max(1, Math.min(3, crowd.size - 1)); cut++) {
          if (draw.chance(0.7)) await sleep(draw.integer(0, 200))
          const { last } = await watcher.drop(draw.chance(0.5) ? fault.reset() : undefined)
          watcher = await each.watch(plan, { after: draw.chance(0.7) ? last : 0 })
        }
        await watcher.untilComplete()
      }),
    )
    // Many come for all that is stored, in the same moment, and most are gone before they have it.
    await step('all at once', async () => {
      for (let burst = 0; burst < Math.min(2, crowd.size >> 1); burst++) {
        await crowd.all(async (each) => {
          const watcher = await each.watch(plan)
          await watcher.drop(fault.reset())
        })
      }
    })
    // Its stream is cleaned up when the last one leaves, and read back when the next one comes. Of many, a few stay on for
    // longer, so that there often is nobody else.
    await step('when it has ended', () =>
      crowd.all(async (each, index) => {
        const draw = draws[index]!
        const visits = index < 3 ? Math.max(2, crowd.size >> 1) : 2
        for (let visit = 0; visit < visits; visit++) {
          await sleep(draw.integer(0, 30))
          const watcher = await each.watch(plan, { after: draw.integer(0, lines - 8) })
          if (draw.chance(0.5)) await watcher.drop()
          else await watcher.untilComplete()
        }
      }),
    )
    await client.deletePlan(plan)
  },
  faults: [nemesis(fault.latency({ delayMs: 2, jitterMs: 8 }), { share: 0.5 })],
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 60, seconds: 6, gate: false }, sim: { clients: 2 } },
})
