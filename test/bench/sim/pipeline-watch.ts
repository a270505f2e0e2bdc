import { check, scenario } from '../../../harness/index.ts'
import { pipeline } from '../../../reference-impl/pipeline/target.ts'
import { everyLine } from '../../../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../../../reference-impl/pipeline/target-plan-life.ts'

/** What is measured of the reference pipeline: all clients watch one plan to its end, and everything is checked. */
export const pipelineWatch = scenario('pipeline-watch', {
  target: pipeline,
  source: 'the figures of the simulated world',
  promise: 'Everybody who watches a plan sees all of it.',
  async script({ client, crowd, unique }) {
    const plan = await client.createPlan({ id: unique('plan'), lines: 3 })
    const watchers = await crowd.all((each) => each.watch(plan))
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
  scale: { sim: { clients: 3 } },
})
