import { check, fault, nemesis, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** An application that uses the client library never learns that its connections break. */
export default scenario('broken-connections', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 10 (the client closes for good at the first error)',
  promise: 'The client library reconnects by itself, as often as it must, and hands over every event once.',
  async script({ client, crowd, unique }) {
    // It says something for a second, however many watch it.
    const rate = Math.min(60, 8 * crowd.size)
    const plan = await client.createPlan({ id: unique('plan'), lines: rate, rate })
    const watchers = await crowd.all((each) => each.watch(plan, { via: 'library' }))
    await crowd.all((_, index) => watchers[index]!.untilComplete())
  },
  faults: [300, 600, 900].map((fromMs) => nemesis(fault.reset(), { fromMs, untilMs: fromMs + 50, share: 0.4 })),
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 40, seconds: 6, gate: false }, sim: { clients: 2 } },
})
