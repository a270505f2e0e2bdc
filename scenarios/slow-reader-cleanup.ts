import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'
import { planMachine } from '../reference-impl/pipeline/target-plan-machine.ts'

/** How long the server waits for output after a process has ended. */
const drainTimeoutMs = 600

/** Three ways in which output outlives the process that it comes from. */
const orders = [
  // More than the pipe holds, as fast as it takes it: at the exit, the pipe is full.
  { lines: 40, lineBytes: 2_400 },
  // The last lines come from a grandchild, soon after the exit …
  { lines: 20, stderrLines: 8, handOver: { lines: 8, delayMs: 150 } },
  // … or long after the server has stopped waiting for them.
  { lines: 20, handOver: { lines: 8, delayMs: 600_000 } },
]

/** The end of the process is not the end of its output, however slowly that is read. */
export default scenario('slow-reader-cleanup', {
  target: pipeline,
  source: 'thread-safety-analysis, "Scenario 3: Slow Thread Cleanup"',
  promise: 'A plan that completes has delivered every line; one that is cut off says so, after a prefix.',
  config: { drainTimeoutMs },
  async script({ crowd, sleep, unique }) {
    const owners = crowd.first(orders.length * 2)
    const plans = await owners.all((owner, index) =>
      owner.createPlan({ id: unique('plan'), ...orders[index % orders.length] }),
    )
    const watchers = await crowd.all((each, index) => each.watch(plans[index % plans.length]!))

    const slow = watchers.filter((_, index) => index % 5 === 0)
    for (const watcher of slow) watcher.pause()
    await sleep(300)
    for (const watcher of slow) watcher.resume()

    await crowd.all((_, index) => watchers[index]!.untilComplete())
    await owners.all((owner, index) => owner.deletePlan(plans[index]!))
  },
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.lifecycle({ machines: { plan: planMachine } }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { sim: { clients: 3 }, live: { clients: 120, seconds: 8 } },
})
