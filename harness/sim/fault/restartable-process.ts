import type { FaultableProcess } from '../../fault/fault.ts'
import { Lane } from '../core/lane.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { endProcess } from '../process/end-process.ts'

/**
 * A process of the schedule that can be paused, killed, and started again as a new one of the same name, with the files that
 * were on the disk. Its peers see what the kernel does at a death: FIN, or RST where it had bytes unread.
 */
export class RestartableProcess implements FaultableProcess {
  readonly #simulation: Simulation
  readonly #name: string
  readonly #boot: () => void

  /** `boot` is called in the new process. */
  constructor(simulation: Simulation, name: string, boot: () => void) {
    this.#simulation = simulation
    this.#name = name
    this.#boot = boot
  }

  /** SIGKILL ends it at once; what listens to another signal decides for itself, as in a real process. */
  kill(signal: NodeJS.Signals): void {
    const node = this.#simulation.nodeNamed(this.#name)
    if (signal === 'SIGKILL') endProcess(this.#simulation, node)
    else this.#push(this.#simulation.processes.listeners.signalLane(node), signal, () => this.#receive(node, signal))
  }

  /** Whatever is left of the old process ends first: a supervisor starts no second one beside it. */
  restart(): void {
    endProcess(this.#simulation, this.#simulation.nodeNamed(this.#name))
    const node = this.#simulation.nodeNamed(this.#name)
    const count = this.#simulation.count(`restart of ${this.#name}`)
    this.#push(new Lane(`restart ${this.#name}#${count}`, node, 'poll'), 'restart', this.#boot)
  }

  pause(): () => void {
    const node = this.#simulation.nodeNamed(this.#name)
    this.#simulation.setPaused(node, true)
    return () => this.#simulation.setPaused(node, false)
  }

  #receive(node: SimNode, signal: NodeJS.Signals): void {
    if (!this.#simulation.processes.listeners.call(node, signal, signal)) endProcess(this.#simulation, node)
  }

  #push(lane: Lane, label: string, run: () => void): void {
    this.#simulation.push(lane, { label: `${this.#name} ${label}`, windowMs: this.#simulation.windowMs, run })
  }
}
