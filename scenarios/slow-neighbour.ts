import { type Crowd, check, fault, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { PipelineClient, Plan, StreamStatus } from '../reference-impl/pipeline/target-client.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'
import type { Watcher } from '../reference-impl/pipeline/target-watcher.ts'

const subscriberQueueEvents = 8

/** The break takes at least this long, and three times as long as the plan does without it. */
const leastBreakMs = 1500

/** One of many readers stops reading in the middle of a plan. That is its own affair. */
export default scenario('slow-neighbour', {
  target: pipeline,
  source: 'thread-safety-analysis, publisher; sse-reliability-issues, issue 6 (no back-pressure)',
  promise: 'A reader that does not read keeps nobody waiting, of its plan or of another, and fills no memory.',
  config: { subscriberQueueEvents, slowReaderMs: 600_000, heartbeatMs: 600_000, progressEveryLines: 1000 },
  async script({ client, crowd, unique, sleep, step }) {
    // So much that a connection that nobody reads from soon is full, long before that reader's break ends. Real ones, with
    // more clients, take some megabytes.
    const much = { lineBytes: 12_000 * (crowd.size - 3), lines: 24 * (crowd.size - 3) ** 2, rate: 600 }
    const readers = crowd.first(crowd.size - 1)
    const neighbour = crowd.at(crowd.size - 1)
    const begunMs = performance.now()
    await step('calm', async () => {
      const plan = await client.createPlan({ id: unique('plan'), ...much })
      await ends(await watchedBy(readers, plan))
      await client.deletePlan(plan)
    })
    const breakMs = Math.max(leastBreakMs, 3 * (performance.now() - begunMs))

    const plan = await client.createPlan({ id: unique('plan'), ...much })
    const [first, slow, ...others] = await watchedBy(readers, plan)
    const readOn = slow!.hit(fault.stall({ direction: 'down' }))
    const takeABreak = async () => {
      await sleep(breakMs)
      await neighbour.status(plan.id)
      // While it does not read, others come and go.
      await comeAndGo(neighbour, unique('plan'))
      readOn()
    }
    await step('beside a slow reader', async () => {
      await Promise.all([ends([first!, ...others]), takeABreak()])
    })
    await slow!.untilComplete()
    await client.deletePlan(plan)
  },
  checks: [
    check.latency({
      step: 'beside a slow reader',
      baseline: 'calm',
      calls: ['untilComplete'],
      percentile: 50,
      maxRatio: 2,
      leastMs: 300,
      minSamples: 3,
    }),
    check.contention({ maxConvoy: 20 }),
    check.bounds({ sizes: [{ what: "a reader's queue", size: queueOf, most: subscriberQueueEvents }] }),
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 6, seconds: 6, gate: false }, sim: { clients: 4 } },
})

/** Everybody watches, one after the other, so that the server knows them in this order. */
async function watchedBy(readers: Crowd<PipelineClient>, plan: Plan): Promise<Watcher[]> {
  const watchers: Watcher[] = []
  for (let index = 0; index < readers.size; index++) watchers.push(await readers.at(index).watch(plan, { via: 'ws' }))
  return watchers
}

/** Somebody else's plan, from its beginning to its end. */
async function comeAndGo(client: PipelineClient, id: string): Promise<void> {
  const plan = await client.createPlan({ id, lines: 5 })
  await (await client.watch(plan)).untilComplete()
  await client.deletePlan(plan)
}

async function ends(watchers: readonly Watcher[]): Promise<void> {
  await Promise.all(watchers.map((watcher) => watcher.untilComplete()))
}

function queueOf(event: HistoryEvent): number | undefined {
  return event.type === 'ok' && event.f === 'status' ? (event.output as StreamStatus).longestQueue : undefined
}
