import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** The first client's disconnect must not take the stream away from the others. */
export default scenario('multi-client-disconnect', {
  target: pipeline,
  source: 'thread-safety-analysis, "Scenario 2: Multiple SSE Clients"',
  promise: 'When one of many watchers of a plan leaves without a word, all the others still see everything.',
  async script({ client, crowd }) {
    const plan = await client.createPlan({ lines: 80, rate: 40 })
    const watchers = await crowd.all((each) => each.watch(plan))
    await watchers[0]!.drop(fault.reset())
    await crowd.rest(1).all((_, index) => watchers[index]!.untilComplete())
    await client.deletePlan(plan)
  },
  checks: [check.delivery(), check.leftovers(), check.serverErrors(), check.progress(), check.identity()],
  scale: { live: { clients: 120, seconds: 8 } },
})
