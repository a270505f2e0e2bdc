import { check, fault, type HistoryEvent, nemesis, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'

/** With pauses that double from a tenth of a second, nobody asks more often. */
const asksPerSecond = 8

/** The server is away for some seconds, and all its clients want to know when it is back. */
export default scenario('server-comes-back', {
  target: pipeline,
  source: 'sse-reliability-issues, issue 8 (readiness is polled)',
  promise: 'Clients that wait for the server ask it ever more rarely, and stop asking when it is there.',
  async script({ crowd, sleep, unique }) {
    await sleep(400)
    await crowd.all((each) => each.ready())
    await crowd.all(async (each) => each.deletePlan(await each.createPlan({ id: unique('plan'), lines: 2 })))
  },
  faults: [nemesis(fault.kill(), { fromMs: 300, untilMs: 2300 })],
  checks: [
    check.bounds({ sizes: [{ what: "a client's questions per second", size: askedPerSecond, most: asksPerSecond }] }),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 8, seconds: 6, rounds: 3, gate: false }, sim: { clients: 2 } },
})

function askedPerSecond(event: HistoryEvent): number | undefined {
  if (event.type !== 'ok' || event.f !== 'ready') return undefined
  const { asked, tookMs } = event.output as { asked: number; tookMs: number }
  return asked / Math.max(1, tookMs / 1000)
}
