import { check, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'

/** Worker threads tell how far their simulations are, while the event loop lists them all, again and again. */
export default scenario('threads-and-loop', {
  target: state,
  source:
    'race-condition-bug-fix: problem identified (two locks for the same data); mcp-thread-safety-insights: C-2, model 1',
  promise: 'Event loop and worker threads exclude each other, and neither keeps the other from the lock for ever.',
  // Workers that report all the time; and since a turn is lent but once, who waits is overtaken by a line's length or two.
  config: { workers: 16, lockLends: 1, sliceOperations: 200 },
  async script({ client, crowd, unique }) {
    await crowd.all(async (each, index) => {
      const id = unique(`simulation-${index}`)
      await each.startSimulation({ id, steps: 100_000 })
      for (let turn = 0; turn < 15; turn++) await each.listSimulations()
      await each.simulationEnd(id)
    })
    await client.listSimulations()
  },
  checks: [
    check.mutualExclusion(),
    check.bounds({ overtaken: 200 }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 16, seconds: 5 } },
})
