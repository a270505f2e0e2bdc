import { check, fault, nemesis, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import { planMachine } from '../reference-impl/pipeline/target-plan-machine.ts'

/** How long a connection may take to say goodbye. */
const closeTimeoutMs = 300

const endless = { command: ['sleep', '600'] }
const brief = { lines: 2 }

/** The server is told to stop at its busiest, by somebody who does not wait for plans to end by themselves. */
export default scenario('stopped-in-a-hurry', {
  target: pipeline,
  source: 'thread-safety-analysis, graceful shutdown; issue 3 (process cleanup)',
  promise: 'Whatever the server is at when it is told to stop, it brings to an end before it says that it has stopped.',
  config: { stopGraceMs: 0, closeTimeoutMs },
  async script({ crowd, hit, random, sleep, unique }) {
    const isBusy = random.chance(0.5)
    const plans = await crowd.attempt((each) => each.createPlan({ id: unique('plan'), ...(isBusy ? endless : brief) }))
    const watchers = await crowd.attempt(async (each, index) => {
      const plan = plans[index]
      return plan && each.watch(plan, { via: index % 2 ? 'sse' : 'ws' })
    })
    // Somebody's connection stands still: whoever says goodbye to that one has to be patient.
    if (isBusy) watchers[0]?.hit(fault.stall({ direction: 'down' }))
    else await crowd.attempt(async (_, index) => watchers[index]?.untilComplete())

    const working = crowd.attempt(async (each, index) => {
      const plan = plans[index]
      if (plan) await each.deletePlan(plan)
      for (let turn = 0; turn < 3; turn++) {
        await each.deletePlan(await each.createPlan({ id: unique('plan'), ...brief }))
      }
    })
    await sleep(isBusy ? random.integer(0, 40) : random.integer(0, 6))
    hit(fault.kill({ signal: 'SIGTERM' }))
    await working
    await sleep(2 * closeTimeoutMs)
  },
  // Some requests go on too late, and some clients leave before they have their answers.
  faults: [
    nemesis(fault.latency({ delayMs: 1, jitterMs: 4 }), { share: 0.5 }),
    nemesis(fault.stall({ direction: 'up' }), { fromMs: 35, untilMs: 500, share: 0.3 }),
    ...[30, 40, 50].map((fromMs) => nemesis(fault.reset(), { fromMs, share: 0.3 })),
  ],
  checks: [
    check.lifecycle({ machines: { plan: planMachine } }),
    check.leftovers({ growth: false }),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 24, seconds: 4, rounds: 3, gate: false }, sim: { clients: 4 } },
})
