import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'

/** Worker threads tell how far their simulations are, while the event loop lists them all, again and again. */
export default scenario('threads-and-loop', {
  target: state,
  source:
    'race-condition-bug-fix: problem identified (two locks for the same data); mcp-thread-safety-insights: C-2, model 1',
  promise: 'Event loop and worker threads exclude each other, and neither keeps the other from the lock for ever.',
  config: { workers: 16 },
  async script({ client, crowd, unique }) {
    await crowd.all(async (each, index) => {
      const id = unique(`simulation-${index}`)
      await each.startSimulation({ id, steps: 4_000_000 })
      for (let turn = 0; turn < 15; turn++) await each.listSimulations()
      await each.simulationEnd(id)
    })
    await client.listSimulations()
  },
  checks: [
    check.mutualExclusion(),
    check.bounds({ overtaken: 2_000 }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 16, seconds: 5 } },
})
