import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** The first client's disconnect must not take the stream away from the others. */
export default scenario('multi-client-disconnect', {
  target: pipeline,
  source: 'thread-safety-analysis, "Scenario 2: Multiple SSE Clients"',
  promise: 'When one watcher of a plan leaves without a word, all the others still see everything.',
  async script({ client, crowd, unique }) {
    // It goes on for as long as it takes all of them to come.
    const plan = await client.createPlan({ id: unique('plan'), lines: Math.ceil(6 + crowd.size * 0.45), rate: 40 })
    const early = crowd.first(Math.max(2, Math.ceil(crowd.size / 4)))
    const watchers = await early.all((each) => each.watch(plan))
    await watchers[0]!.drop(fault.reset())
    watchers.push(...(await crowd.rest(early.size).all((each) => each.watch(plan))))
    await crowd.rest(1).all((_, index) => watchers[index]!.untilComplete())
    await client.deletePlan(plan)
  },
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { sim: { clients: 3 }, live: { clients: 120, seconds: 8 } },
})
