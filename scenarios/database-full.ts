import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** Room for plans that say little; a single line of a plan that says much does not fit. */
const databaseMaxBytes = 80 * 1024
const muchBytes = 65_000

/** The database does not take one plan's output. That plan fails, aloud, and everybody else goes on. */
export default scenario('database-full', {
  target: pipeline,
  source:
    'sse-reliability-issues, issue 4 (swallowed errors); thread-safety-analysis, impact (leaked database sessions)',
  promise: 'What cannot be stored is told, with its cause, and the server goes on as before.',
  config: { databaseMaxBytes },
  async script({ client, crowd, unique }) {
    for (let wave = 0; wave < Math.ceil(crowd.size / 3); wave++) {
      await crowd.first(1).attempt(async (each) => {
        const plan = await each.createPlan({ id: unique('plan'), lines: 3, lineBytes: muchBytes })
        const watcher = await each.watch(plan)
        await watcher.untilComplete()
      })
      // What others have to say fits as it did before.
      const plans = await crowd.all((each) => each.createPlan({ id: unique('plan'), lines: 3 }))
      const watchers = await crowd.all((each, index) => each.watch(plans[index]!))
      await crowd.all((_, index) => watchers[index]!.untilComplete())
      await crowd.all((each, index) => each.deletePlan(plans[index]!))
    }
    await client.listPlans()
  },
  checks: [
    check.serverErrors({ expected: [/database or disk is full/] }),
    check.delivery(),
    check.leftovers(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 6, seconds: 4, rounds: 3, gate: false }, sim: { clients: 2 } },
})
