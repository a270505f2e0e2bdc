import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { refuseUse } from '../refuse.ts'
import { builtinProgram } from './builtin-programs.ts'
import { isNamed, type SimCommand } from './command.ts'
import { endOwn } from './end-process.ts'
import { ProcessListeners } from './process-listeners.ts'
import type { Program, ProgramMatch } from './program.ts'
import { type Launch, SimProcess } from './sim-process.ts'

/** The first process id that is given out; the schedule's own process gets it. */
const firstPid = 4001

/** The parent of processes whose own has ended, and of those that nobody in the schedule has started. */
const initPid = 1

interface Registered {
  readonly match: ProgramMatch
  readonly program: Program | null
}

/** The processes of a schedule by their ids, and the programs that commands run. */
export class ProcessTable {
  readonly listeners = new ProcessListeners()
  readonly #simulation: Simulation
  readonly #programs: Registered[] = []
  readonly #pids = new Map<SimNode, number>()
  readonly #children = new Map<number, SimProcess>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  register(match: ProgramMatch, program: Program | null): void {
    this.#programs.unshift({ match, program })
  }

  /** What a command runs; null when it is known that there is no such command, undefined when nobody has said so. */
  programFor(command: SimCommand): Program | null | undefined {
    const found = this.#programs.find(({ match }) => matches(match, command))
    return found === undefined ? builtinProgram(command) : found.program
  }

  /** Starts a program as a process of its own. */
  launch(launch: Launch): SimProcess {
    const node = this.#simulation.nodeNamed(`proc${this.#simulation.count('proc')}`)
    const child = new SimProcess(this.#simulation, node, this.pidOf(node), launch)
    this.#children.set(child.pid, child)
    return child
  }

  /** The child process that a node is; undefined for the nodes that the schedule has started itself. */
  childAt(node: SimNode): SimProcess | undefined {
    for (const child of this.#children.values()) if (child.processNode === node) return child
    return undefined
  }

  pidOf(node: SimNode): number {
    let pid = this.#pids.get(node)
    if (pid === undefined) {
      pid = firstPid + this.#simulation.count('pid') - 1
      this.#pids.set(node, pid)
    }
    return pid
  }

  ppidOf(node: SimNode): number {
    const parent = this.childAt(node)?.parent
    return parent === undefined || parent.hasEnded ? initPid : this.pidOf(parent)
  }

  /** The group that a process belongs to. What the schedule has started itself is at the head of one of its own. */
  groupOf(node: SimNode): number {
    return this.childAt(node)?.group ?? this.pidOf(node)
  }

  /** Sends a signal to a process, or to a group by its negated id; 0 only asks. Says whether anybody is there. */
  signal(pid: number, signal: NodeJS.Signals | 0): boolean {
    const members = pid > 0 ? this.#byPid(pid) : this.#byGroup(pid === 0 ? this.groupOf(this.#simulation.node) : -pid)
    if (members.length > 0 && isStop(signal)) refuseUse(this.#simulation, `${signal}`, 'stopSignals')
    if (signal !== 0) for (const node of members) this.#send(node, signal)
    return members.length > 0
  }

  /** A process that has ended, and whose parent knows of it, has no id any more. */
  forget(child: SimProcess): void {
    this.#children.delete(child.pid)
    this.#pids.delete(child.processNode)
  }

  forgetListeners(node: SimNode): void {
    this.listeners.removeAll(node)
  }

  #byPid(pid: number): SimNode[] {
    return this.#known().filter((node) => this.#pids.get(node) === pid)
  }

  #byGroup(group: number): SimNode[] {
    return this.#known().filter((node) => this.groupOf(node) === group)
  }

  /** All processes that have an id, those included that have ended and wait for their parents to hear of it. */
  #known(): SimNode[] {
    return [...this.#pids.keys()].filter((node) => !node.hasEnded || this.childAt(node) !== undefined)
  }

  #send(node: SimNode, signal: NodeJS.Signals): void {
    this.#simulation.push(this.listeners.signalLane(node), {
      label: signal,
      windowMs: this.#simulation.windowMs,
      run: () => this.#receive(node, signal),
    })
  }

  #receive(node: SimNode, signal: NodeJS.Signals): void {
    const child = this.childAt(node)
    if (signal !== 'SIGKILL' && (child?.handle(signal) || this.listeners.call(node, signal, signal))) return
    if (isIgnored(signal)) return
    if (child !== undefined) child.end({ signal })
    else this.#killOwn(node, signal)
  }

  /** A process that the schedule has started itself should not die of a signal: that is a finding. */
  #killOwn(node: SimNode, signal: NodeJS.Signals): void {
    const why = signal === 'SIGKILL' ? 'it cannot be caught' : 'nobody listens to it'
    this.#simulation.find('signal', `${signal} ended the process '${node.name}': ${why}`)
    endOwn(this.#simulation, node)
  }
}

function matches(match: ProgramMatch, command: SimCommand): boolean {
  if (typeof match === 'string') return isNamed(command, match)
  return match instanceof RegExp ? match.test(command.line) : match(command)
}

/** Whether the signal would halt a process rather than end it. */
function isStop(signal: NodeJS.Signals | 0): boolean {
  return signal !== 0 && ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'].includes(signal)
}

function isIgnored(signal: NodeJS.Signals): boolean {
  return ['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH', 'SIGPIPE'].includes(signal)
}
