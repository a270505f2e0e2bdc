import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** When a deletion is answered, its event has been sent: whoever watches need not wait for it any longer than for an answer. */
export default scenario('told-at-once', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 3 (100 ms polling)',
  promise: 'An event is sent when it happens, and not when somebody looks next.',
  async script({ client, crowd, unique, random, sleep, step }) {
    const looks = 7 * Math.max(1, Math.min(3, crowd.size - 2))
    const calm = await client.createPlan({ id: unique('plan'), command: ['sleep', '600'] })
    await step('answers', async () => {
      for (let look = 0; look < looks; look++) await client.getPlan(calm.id)
    })
    await client.deletePlan(calm)
    await step('events', async () => {
      for (let told = 0; told < looks; told += crowd.size) {
        const plan = await client.createPlan({ id: unique('plan'), command: ['sleep', '600'] })
        const watchers = await crowd.all((each, index) => each.watch(plan, { via: index % 2 ? 'sse' : 'ws' }))
        await sleep(random.integer(0, 99))
        await client.deletePlan(plan)
        await crowd.all((_, index) => watchers[index]!.untilComplete())
      }
    })
  },
  checks: [
    check.latency({
      step: 'events',
      baseline: 'answers',
      calls: ['getPlan', 'untilComplete'],
      percentile: 50,
      maxRatio: 3,
      minSamples: 7,
    }),
    check.delivery(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 6, seconds: 4, gate: false }, sim: { clients: 3 } },
})
