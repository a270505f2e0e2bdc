import { check, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { Plan } from '../reference-impl/pipeline/target-client.ts'

const maxRunningPlans = 3
const maxConnections = 4
const maxBodyBytes = 1024
const tooLong = 'a'.repeat(maxBodyBytes)

/** More plans than may run, longer orders than are read, and more watchers than may watch, all at once. */
export default scenario('more-than-fits', {
  target: pipeline,
  source: 'sse-reliability-issues, scalability (no limit on plans and connections)',
  promise: 'Past its caps, the server says that it is full; it never runs more than it may.',
  config: { maxRunningPlans, maxConnections, maxBodyBytes },
  async script({ crowd, unique }) {
    await crowd.first(2).attempt((each) => each.createPlan({ id: unique('long'), command: ['echo', tooLong] }))
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
      rates: [{ what: 'orders that were longer than it reads', counts: longOrder, most: 0 }],
      refusals: { calls: ['createPlan', 'watch'], statuses: [413, 429, 503] },
    }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 24, seconds: 4, gate: false }, sim: { clients: 5 } },
})

/** Which plan was taken though it was ordered at too great a length. */
function longOrder(event: HistoryEvent): string | null {
  if (event.type !== 'ok' || event.f !== 'createPlan') return null
  const { id } = event.output as Plan
  return id.startsWith('long') ? id : null
}
