import { check, scenario } from 'raceproof'
import { jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'

/** Simulations that nobody would see the end of are stopped, and nobody looks after them. */
export default scenario('stopped-simulations', {
  target: state,
  source:
    'thread-safety-analysis: issue 4 and impact (zombie threads); race-condition-bug-fix: `_run_simulation_background`',
  promise: 'Who stops a simulation may walk away: its worker ends, and takes the next.',
  config: { workers: 8, maxSteps: 1_000_000_000 },
  async script({ crowd, unique }) {
    const ids = Array.from({ length: crowd.size }, () => unique('simulation'))
    await crowd.all((each, index) => each.startSimulation({ id: ids[index]!, steps: 1_000_000_000 }))
    await crowd.all((each, index) => each.simulation(ids[index]!))
    await crowd.all((each, index) => each.stopSimulation(ids[index]!))
  },
  checks: [
    check.lifecycle({ machines: { simulation: { initial: ['queued'], transitions: jobTransitions } } }),
    check.progress(),
    check.identity(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { live: { clients: 4, seconds: 3, gate: false }, sim: { clients: 2 } },
})
