import { check, fault, type HistoryEvent, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** The server is told to stop while plans run and people watch. */
export default scenario('stopped-while-running', {
  target: pipeline,
  source: 'thread-safety-analysis, graceful shutdown',
  promise:
    'Before the server stops, plans may end by themselves for a while, and every watcher is told how its plan ended.',
  config: { stopGraceMs: 1500 },
  async script({ crowd, unique, sleep, random, hit }) {
    // Every other plan ends by itself, long before the server's patience does.
    const plans = await crowd.all((each, index) =>
      each.createPlan({ id: unique('plan'), ...(index % 2 ? { command: ['sleep', '600'] } : { lines: 12, rate: 60 }) }),
    )
    const watchers = await crowd.all((each, index) => each.watch(plans[index]!, { via: index % 2 ? 'sse' : 'ws' }))
    // Each of them has begun: what is left of it takes no time, even on a machine where a start takes seconds.
    while (watchers.some(({ last }, index) => index % 2 === 0 && last === 0)) await sleep(10)
    await sleep(random.integer(0, 150))
    hit(fault.kill({ signal: 'SIGTERM' }))
    await crowd.all((_, index) => watchers[index]!.untilComplete())
  },
  checks: [
    check.delivery(),
    check.bounds({ rates: [{ what: 'plans that were cut off at their end', counts: cutOff, most: 0 }] }),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 12, seconds: 4, rounds: 3, gate: false }, sim: { clients: 2 } },
})

/** Which client of a plan that prints heard that it had failed. */
function cutOff(event: HistoryEvent): string | null {
  if (event.type !== 'observe' || event.f !== 'event' || event.kind !== 'failed') return null
  const isEndless = Number(event.client.slice(1)) % 2 === 1
  return isEndless ? null : event.client
}
