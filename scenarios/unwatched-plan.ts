import { check, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { StreamStatus } from '../reference-impl/pipeline/target-client.ts'

const streamTtlMs = 300
const replayEvents = 10

/** Plans that nobody watches, or that somebody watches too late, must neither fill the memory nor stay in it. */
export default scenario('unwatched-plan', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 5 (events pile up, streams are kept)',
  promise: 'A plan that ended without a reader leaves memory after a while, and is read back when one comes.',
  config: { streamTtlMs, replayEvents },
  async script({ crowd, sleep, unique }) {
    const plans = await crowd.all((each) => each.createPlan({ id: unique('plan'), lines: 40 }))
    await crowd.all(async (each, index) => {
      while ((await each.status(plans[index]!.id)).lastEventId < 40) await sleep(5)
    })
    await sleep(3 * streamTtlMs)
    const late = crowd.first(Math.ceil(crowd.size / 3))
    const watchers = await late.all((each, index) => each.watch(plans[index]!))
    await late.all((_, index) => watchers[index]!.untilComplete())
  },
  checks: [
    check.bounds({ sizes: [{ what: 'the events of a plan in memory', size: bufferedEvents, most: replayEvents }] }),
    check.delivery(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 2 } },
})

function bufferedEvents(event: HistoryEvent): number | undefined {
  return event.type === 'ok' && event.f === 'status' ? (event.output as StreamStatus).bufferedEvents : undefined
}
