import { check, type HistoryEvent, scenario } from 'raceproof'
import { state } from '../reference-impl/state/target.ts'

const maxActiveJobs = 3
const keepJobs = 4
const maxServices = 4

/** More simulations than may wait or run, or are kept, more services than can be known, more text than is read, and one id for two. */
export default scenario('more-jobs-than-fit', {
  target: state,
  source: 'thread-safety-analysis: impact (resources without bounds); race-condition-bug-fix: `_cleanup_old_analyses`',
  promise: 'Past its caps, the server says that it is full, and what has just ended is still there to be asked about.',
  config: { workers: 4, maxActiveJobs, keepJobs, maxServices, maxSteps: 1_000_000_000 },
  async script({ client, crowd, unique }) {
    await crowd.attempt(async (each) => {
      for (let wanted = 0; wanted < maxServices; wanted++) await each.setService(unique('service'), true)
    })
    await crowd.attempt((each) => each.updateServices({ essay: 'x'.repeat(100_000) }))
    // Every other one wants an id that somebody else wants, too, and one that nobody else wants.
    const shared = Array.from({ length: crowd.size }, () => unique('shared'))
    const started = await crowd.attempt((each, index) =>
      each.startSimulation({ id: shared[index & ~1]!, steps: 1_000_000_000 }),
    )
    const more = await crowd.attempt((each) => each.startSimulation({ id: unique('own'), steps: 1_000_000_000 }))
    const running = [...started, ...more].filter((job) => job !== undefined)
    for (const { id } of running) {
      await client.stopSimulation(id)
      await client.simulationEnd(id)
    }
    // One after the other, so that the latest have just ended and only the oldest are in the way.
    for (let brief = 0; brief < keepJobs + 2; brief++) {
      const id = unique('brief')
      await client.startSimulation({ id, steps: 1 })
      await client.simulationEnd(id)
      await client.listSimulations()
    }
  },
  checks: [
    check.bounds({
      states: [{ machine: 'simulation', states: ['queued', 'running', 'stopping'], most: maxActiveJobs }],
      rates: [{ what: 'services', counts: serviceSet, most: maxServices }],
      sizes: [{ what: 'the simulations that are kept', size: jobsListed, most: keepJobs + 1 }],
      refusals: { calls: ['startSimulation', 'setService', 'updateServices'], statuses: [409, 413, 429] },
    }),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
  ],
  scale: { live: { clients: 12, seconds: 4, rounds: 3, gate: false }, sim: { clients: 3 } },
})

/** Every service that is set is another one. */
function serviceSet(event: HistoryEvent): string | null {
  return event.type === 'ok' && event.f === 'setService' ? 'everybody' : null
}

function jobsListed(event: HistoryEvent): number | undefined {
  if (event.type !== 'ok' || event.f !== 'listSimulations') return undefined
  return (event.output as { jobs: readonly unknown[] }).jobs.length
}
