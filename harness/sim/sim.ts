import type { Fault } from '../fault/fault.ts'
import { Lane } from './core/lane.ts'
import type { Simulation } from './core/simulation.ts'
import { type OwnFaultOptions, putFault } from './fault/own-fault.ts'
import { describe } from './guard/schedule-listeners.ts'
import type { Program, ProgramMatch } from './process/program.ts'

/** What a simulated function gets: the handle on its world. */
export interface Sim {
  /** The seed of the schedule. */
  readonly seed: number
  /** Virtual time since the schedule began. */
  readonly nowMs: number
  /**
   * Runs a function as a process of its own, with its own event loop. Processes share nothing but connections. The
   * promise settles in the calling process, as a message between the two would; it rejects when the process ends before.
   */
  process<T>(name: string, run: () => T | Promise<T>): Promise<T>
  /**
   * Puts a fault on the network, on a process, its clock or the disk, and returns what heals it:
   *
   *     sim.fault(fault.partition(), { process: 'client', fromMs: 10, untilMs: 500 })
   *     sim.fault(fault.kill(), { process: 'server', fromMs: 20, untilMs: 80 })
   *
   * Times are virtual, from now. A process that was killed is started again, with the function that `process` got, when the
   * fault heals. Throws `ERR_USAGE` for a fault that can hit nothing.
   */
  fault(fault: Fault, options?: OwnFaultOptions): () => void
  /**
   * Says what a command does when the code under test starts it by `node:child_process`. Of several programs that match, the
   * one registered last is run; `sleep`, `true`, `false`, `echo` and `cat` are there without. With null, there is no
   * such command.
   */
  program(match: ProgramMatch, program: Program | null): void
  /** Puts a file on the simulated disk, with the folders above it. The real disk is never written to. */
  file(path: string, content: string | Uint8Array): void
  /** What is in a file on the simulated disk now; throws an Error when there is none. */
  readFile(path: string): Buffer
}

export function simOf(simulation: Simulation): Sim {
  const boots = new Map<string, () => unknown>()
  return Object.assign(new Clock(simulation), {
    seed: simulation.seed,
    process<T>(name: string, run: () => T | Promise<T>): Promise<T> {
      boots.set(name, run)
      return runAsProcess(simulation, name, run)
    },
    fault: (fault: Fault, options: OwnFaultOptions = {}) =>
      putFault(simulation, fault, options, (name) => {
        const boot = boots.get(name)
        return boot && (() => bootAgain(simulation, boot))
      }),
    program: (match: ProgramMatch, program: Program | null) => simulation.processes.register(match, program),
    file: (path: string, content: string | Uint8Array) => simulation.files.file(path, content),
    readFile: (path: string) => simulation.files.read(path),
  })
}

/** A class and no literal with a getter, for the reason that `ScheduleResult` tells. */
class Clock {
  readonly #simulation: Simulation

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  get nowMs(): number {
    return this.#simulation.nowMs
  }
}

/** Nobody waits for the function of a process that was started again, so that its failure is a finding. */
function bootAgain(simulation: Simulation, boot: () => unknown): void {
  ;(async () => boot())().catch((reason: unknown) => simulation.find('rejected', describe(reason), reason))
}

function runAsProcess<T>(simulation: Simulation, name: string, run: () => T | Promise<T>): Promise<T> {
  const caller = simulation.node
  const lane = new Lane(`${name}→${caller.name}#${simulation.count(`report of ${name}`)}`, caller, 'poll')
  const report = (label: string, settle: () => void) => {
    if (!simulation.isOver)
      simulation.push(lane, { label: `${name} ${label}`, windowMs: simulation.windowMs, run: settle })
  }
  return new Promise((resolve, reject) => {
    // An event of its own, so that all that the function does before its first wait for something belongs to its process.
    const node = simulation.nodeNamed(name)
    const start = new Lane(`start ${name}#${simulation.count(`start of ${name}`)}`, node, 'poll')
    const gone = () => report('is gone', () => reject(new Error(`the process '${name}' ended before its function did`)))
    const settle = (label: string, how: () => void) => {
      // What a process still does after its end is lost, and its caller has heard of the end.
      if (node.whenEnded.delete(gone) && !node.hasEnded) report(label, how)
    }
    node.whenEnded.add(gone)
    simulation.push(start, {
      label: name,
      run: () => {
        ;(async () => run())().then(
          (value) => settle('ended', () => resolve(value)),
          (reason: unknown) => settle('failed', () => reject(reason)),
        )
      },
    })
  })
}
