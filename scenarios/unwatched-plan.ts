import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

const streamTtlMs = 300

/** Plans that nobody watches, or that somebody watches too late, must not stay in memory. */
export default scenario('unwatched-plan', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 5 (events pile up, streams are kept)',
  promise: 'A plan that ended without a reader leaves memory after a while, and is read back when one comes.',
  config: { streamTtlMs },
  async script({ crowd, sleep, unique }) {
    const plans = await crowd.all((each) => each.createPlan({ id: unique('plan'), lines: 5 }))
    await sleep(3 * streamTtlMs)
    const late = crowd.first(Math.ceil(crowd.size / 3))
    const watchers = await late.all((each, index) => each.watch(plans[index]!))
    await late.all((_, index) => watchers[index]!.untilComplete())
  },
  checks: [check.delivery(), check.leftovers(), check.serverErrors(), check.progress(), check.identity()],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 3 } },
})
