import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** A line each few milliseconds. */
const rate = 400

/** A plan is deleted in the very moment in which it completes. It ends once, for whoever watches, in one way or the other. */
export default scenario('deleted-while-completing', {
  target: pipeline,
  source: 'thread-safety-analysis, issues 2 and 3 (completion and deletion both clean up)',
  promise: 'A plan has one end, also when its completion and its deletion come together.',
  config: { subscriberQueueBytes: 64 * 1024 * 1024, slowReaderMs: 600_000, heartbeatMs: 600_000 },
  async script({ crowd, unique, random, sleep }) {
    // Too much to fit into a connection that nobody reads from. Real ones, with more clients, take more.
    const much = Math.max(1, crowd.size - 1)
    const [lines, lineBytes] = [11 * much, 12_000 * much]
    // Nobody chooses the order of real events, so that it takes more tries.
    const tries = Math.max(1, crowd.size >> 1)
    // That it has begun is seen the later, the more is going on.
    const aboutMs = Array.from({ length: crowd.size }, () => random.integer(-3, 10) - 12 * (much - 1))
    for (let time = 1; time <= tries; time++) {
      await crowd.all(async (each, index) => {
        const plan = await each.createPlan({ id: unique('plan'), lines, lineBytes, rate })
        const watcher = await each.watch(plan, { via: index % 2 ? 'sse' : 'ws' })
        // It learns of the end when its connection goes on, with all that came before.
        watcher.hit(fault.stall({ direction: 'down' }))
        while ((await each.getPlan(plan.id)).linesRead === 0) await sleep(1)
        await sleep(Math.max(0, ((lines - 1) * 1000) / rate + aboutMs[index]!))
        // Who comes too late is earlier the next time, and who comes too early later: most come about when it ends.
        if (time < tries) aboutMs[index]! += (await each.getPlan(plan.id)).state === 'completed' ? -30 : 15
        await each.deletePlan(plan)
      })
    }
  },
  checks: [
    check.delivery({ lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 6, seconds: 6, gate: false }, sim: { clients: 1 } },
})
