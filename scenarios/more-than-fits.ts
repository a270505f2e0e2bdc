import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

const maxRunningPlans = 3
const maxConnections = 4

/** More plans than may run, and more watchers than may watch, all at once. */
export default scenario('more-than-fits', {
  target: pipeline,
  source: 'sse-reliability-issues, scalability (no limit on plans and connections)',
  promise: 'Past its caps, the server says that it is full; it never runs more than it may.',
  config: { maxRunningPlans, maxConnections },
  async script({ crowd, unique }) {
    const plans = await crowd.attempt((each) => each.createPlan({ id: unique('plan'), command: ['sleep', '600'] }))
    const running = plans.filter((plan) => plan !== undefined)
    const watchers = await crowd.attempt((each, index) => each.watch(running[index % running.length]!, { via: 'sse' }))
    await crowd.attempt((each) => each.createPlan({ id: unique('plan'), lines: 1 }))
    await crowd.attempt(async (_, index) => watchers[index]?.drop())
    await crowd.attempt(async (each, index) => {
      const plan = plans[index]
      if (plan) await each.deletePlan(plan)
    })
  },
  checks: [
    check.bounds({
      states: [{ machine: 'plan', states: ['accepted', 'running'], most: maxRunningPlans }],
      open: { subscriber: maxConnections },
      refusals: { calls: ['createPlan', 'watch'] },
    }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 24, seconds: 4, gate: false }, sim: { clients: 6 } },
})
