import { check, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { StreamStatus } from '../reference-impl/pipeline/target-client.ts'
import { dots } from '../reference-impl/pipeline/target-programs.ts'

const streamTtlMs = 300
const replayEvents = 10
const batchEvents = 4
const maxLineLength = 100
const lines = 24

/** Plans that nobody watches, or somebody too late, and lines without end must neither fill the memory nor stay in it. */
export default scenario('unwatched-plan', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 5 (events pile up, streams are kept)',
  promise: 'A plan that ended without a reader leaves memory after a while, and is read back when one comes.',
  config: { streamTtlMs, replayEvents, batchEvents, maxLineLength },
  async script({ client, crowd, sleep, unique }) {
    // What has been printed of a line is there for whoever watches, long before the line ends.
    const endless = await client.createPlan({ id: unique('plan'), command: dots })
    const watcher = await client.watch(endless)
    await watcher.untilEvent(5)
    await client.deletePlan(endless)

    const plans = await crowd.all((each) => each.createPlan({ id: unique('plan'), lines }))
    await crowd.all(async (each, index) => {
      while ((await each.status(plans[index]!.id)).lastEventId < lines) await sleep(5)
    })
    await sleep(3 * streamTtlMs)
    const late = crowd.first(Math.ceil(crowd.size / 3))
    const watchers = await late.all((each, index) => each.watch(plans[index]!))
    await late.all((_, index) => watchers[index]!.untilComplete())
  },
  checks: [
    check.bounds({
      sizes: [
        { what: 'the events of a plan in memory', size: sizeOf('bufferedEvents'), most: replayEvents },
        // One batch is being stored while the next one gathers.
        { what: 'the events of a plan that are not stored', size: sizeOf('unstoredEvents'), most: 2 * batchEvents },
      ],
    }),
    check.delivery(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 30, seconds: 4, gate: false }, sim: { clients: 2 } },
})

/** What the answers to questions about a stream say of it. */
function sizeOf(figure: 'bufferedEvents' | 'unstoredEvents'): (event: HistoryEvent) => number | undefined {
  return (event) => (event.type === 'ok' && event.f === 'status' ? (event.output as StreamStatus)[figure] : undefined)
}
