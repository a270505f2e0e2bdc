import { Lane } from './core/lane.ts'
import type { Simulation } from './core/simulation.ts'

/** What a simulated function gets: the handle on its world. */
export interface Sim {
  /** The seed of the schedule. */
  readonly seed: number
  /** Virtual time since the schedule began. */
  readonly nowMs: number
  /**
   * Runs a function as a process of its own, with its own event loop. Processes share nothing but connections. The
   * promise settles in the calling process, as a message between the two would.
   */
  process<T>(name: string, run: () => T | Promise<T>): Promise<T>
}

export function simOf(simulation: Simulation): Sim {
  return {
    seed: simulation.seed,
    get nowMs() {
      return simulation.nowMs
    },
    process: (name, run) => runAsProcess(simulation, name, run),
  }
}

function runAsProcess<T>(simulation: Simulation, name: string, run: () => T | Promise<T>): Promise<T> {
  const caller = simulation.node
  const lane = new Lane(`${name}→${caller.name}#${simulation.count(`report of ${name}`)}`, caller, 'poll')
  const report = (label: string, settle: () => void) => {
    if (!simulation.isOver)
      simulation.push(lane, { label: `${name} ${label}`, windowMs: simulation.windowMs, run: settle })
  }
  return new Promise((resolve, reject) => {
    simulation
      .within(simulation.nodeNamed(name), async () => run())
      .then(
        (value) => report('ended', () => resolve(value)),
        (reason: unknown) => report('failed', () => reject(reason)),
      )
  })
}
