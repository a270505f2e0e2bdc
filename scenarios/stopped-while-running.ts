import { check, fault, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** The server is told to stop while plans run and people watch. */
export default scenario('stopped-while-running', {
  target: pipeline,
  source: 'thread-safety-analysis, graceful shutdown',
  promise: 'Before the server stops, every watcher has what its plan has said, and is told how it ended.',
  config: { stopGraceMs: 300 },
  async script({ crowd, unique, sleep, random, hit }) {
    const plans = await crowd.all((each, index) =>
      each.createPlan({ id: unique('plan'), ...(index % 2 ? { command: ['sleep', '600'] } : { lines: 12, rate: 60 }) }),
    )
    const watchers = await crowd.all((each, index) => each.watch(plans[index]!, { via: index % 2 ? 'sse' : 'ws' }))
    await sleep(random.integer(0, 150))
    hit(fault.kill({ signal: 'SIGTERM' }))
    await crowd.all((_, index) => watchers[index]!.untilComplete())
  },
  checks: [check.delivery(), check.serverErrors(), check.progress(), check.identity()],
  scale: { live: { clients: 12, seconds: 4, rounds: 3, gate: false }, sim: { clients: 3 } },
})
