import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

const heartbeatMs = 250

/** A peer whose machine is switched off says nothing; only a heartbeat can tell that it is gone. */
export default scenario('vanished-peer', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 6 (zombie connections)',
  promise: 'A watcher that vanished without closing its connection is forgotten, and its stream with it.',
  config: { heartbeatMs },
  async script({ client, crowd, sleep, unique }) {
    const plan = await client.createPlan({ id: unique('plan'), lines: 12, rate: 20 })
    const vanishing = crowd.rest(1)
    const watchers = await vanishing.all((each, index) => each.watch(plan, { via: index % 2 ? 'sse' : 'ws' }))
    const stays = await client.watch(plan, { via: 'ws' })
    await vanishing.all((_, index) => watchers[index - 1]!.drop(fault.halfOpen()))
    await stays.untilComplete()
    await sleep(4 * heartbeatMs)
    await client.deletePlan(plan)
  },
  checks: [check.delivery(), check.leftovers(), check.serverErrors(), check.progress(), check.identity()],
  scale: { live: { clients: 24, seconds: 5, gate: false }, sim: { clients: 3 } },
})
