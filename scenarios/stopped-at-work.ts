import { check, fault, nemesis, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'
import { stubbornTest } from '../reference-impl/state/target-programs.ts'

/** So much that it comes in several pieces, one of which may still be on its way when everything else has ended. */
const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`note-${index}`, 'x'.repeat(250)]))

/** The server is told to stop while simulations run that nobody would see the end of, and a test that takes its time to end. */
export default scenario('stopped-at-work', {
  target: state,
  source: 'thread-safety-analysis: graceful shutdown, issue 4 and impact (zombie threads)',
  promise:
    'Who waits for a simulation is told its end, and when the server has stopped, all that it had started is gone.',
  config: { maxSteps: 1_000_000_000, testCommand: stubbornTest, testGraceMs: 400 },
  async script({ client, crowd, hit, random, sleep, unique }) {
    const ids = Array.from({ length: crowd.size }, () => unique('simulation'))
    if (random.chance(0.5)) await client.startTest({ script: 'link_flap.sh', bin: 'sai_test', topology: 'mono' })
    await crowd.all((each, index) => each.startSimulation({ id: ids[index]!, steps: 1_000_000_000 }))
    const busy = crowd.attempt<unknown>(async (each, index) => {
      if (index % 2 === 0) return each.simulationEnd(ids[index]!)
      // Until the server takes no more, which is a refusal.
      for (let look = 0; look < 12; look++) await each.updateServices(many)
    })
    await sleep(random.integer(0, 30))
    hit(fault.kill({ signal: 'SIGTERM' }))
    await busy
  },
  faults: [nemesis(fault.split({ pieces: 4 })), nemesis(fault.latency({ delayMs: 1, jitterMs: 20 }))],
  checks: [check.leftovers(), check.identity(), check.serverErrors(), check.progress()],
  scale: { sim: { clients: 3, schedules: 60 } },
})
