import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

const heartbeatMs = 250

/** What a plan that goes on needs, whoever watches it. */
const running = [
  'resource:execution',
  'resource:process',
  'resource:reader',
  'resource:stream',
  'childProcesses',
  'pipes',
  'descriptors',
]

/** A peer whose machine is switched off says nothing; only a heartbeat can tell that it is gone. */
export default scenario('vanished-peer', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 6 (zombie connections)',
  promise: 'A watcher that vanished without closing its connection is forgotten while its plan goes on.',
  config: { heartbeatMs },
  async script({ client, crowd, round, sleep }) {
    // One plan for all rounds, so that only what watched it can grow in number.
    const id = 'without-end'
    const plan = round === 1 ? await client.createPlan({ id, command: ['sleep', '600'] }) : await client.getPlan(id)
    const vanishing = crowd.rest(1)
    const watchers = await vanishing.all((each) => each.watch(plan, { via: 'ws' }))
    const stays = await client.watch(plan, { via: 'ws' })
    await vanishing.all((_, index) => watchers[index - 1]!.drop(fault.halfOpen()))
    await sleep(4 * heartbeatMs)
    await client.status(plan.id)
    await stays.drop()
  },
  checks: [check.leftovers({ except: running }), check.serverErrors(), check.progress(), check.identity()],
  scale: { live: { clients: 24, seconds: 5, gate: false }, sim: { clients: 3 } },
})
