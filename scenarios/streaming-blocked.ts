import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** Neither WebSockets nor event streams get through to the clients; answers to requests do. */
export default scenario('streaming-blocked', {
  target: pipeline,
  source: 'sse-reliability-issues, proposed solution 4 (fallback transports)',
  promise: 'Where nothing can be streamed, the client library asks, and hands over every event all the same.',
  config: { transports: [] },
  async script({ client, crowd, unique }) {
    const plan = await client.createPlan({ id: unique('plan'), lines: Math.min(20, 5 * crowd.size), rate: 40 })
    const watchers = await crowd.all((each) => each.watch(plan, { via: 'library' }))
    await crowd.all((_, index) => watchers[index]!.untilComplete())
    await client.deletePlan(plan)
  },
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 20, seconds: 4, gate: false }, sim: { clients: 2 } },
})
