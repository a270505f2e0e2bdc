import type { Readable, Writable } from 'node:stream'
import { HarnessError } from '../../errors.ts'
import { Lane } from '../core/lane.ts'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { describe } from '../guard/schedule-listeners.ts'
import { isProcessExit, ProcessExit } from '../patches/process-exit.ts'
import { inShort, type SimCommand } from './command.ts'
import { endProcess } from './end-process.ts'
import { type IpcChannel, openChannel } from './ipc-channel.ts'
import { PipeEnd } from './pipe-end.ts'
import type { Program, SimChild } from './program.ts'
import { type Descriptor, inputOf, outputOf } from './stdio-streams.ts'

/** How a process ended. */
export type Ending = { readonly exitCode: number } | { readonly signal: NodeJS.Signals }

/** What a process is started with. */
export interface Launch {
  readonly program: Program
  readonly command: SimCommand
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly parent: SimNode
  /** Its process group; one of its own when left out. */
  readonly group?: number
  /** What it has at its file descriptors; asked once the process has a name. */
  descriptors(child: SimProcess): readonly Descriptor[]
  /** The descriptor of the IPC channel, and how messages are written there. */
  readonly ipc?: { readonly fd: number; readonly serialization: string }
  /** Hears of the end, as an event of the parent; nobody waits for a process without it. */
  readonly onExit?: (exitCode: number, signal: string) => void
}

/** The exit code of a Node process whose main program waits for something that never comes. */
const unsettledCode = 13

/** A process that the code under test has started: a program in a node of its own. */
export class SimProcess implements Holding {
  readonly kind = 'child'
  readonly pid: number
  readonly group: number
  readonly parent: SimNode
  /** Where its program runs. */
  readonly processNode: SimNode
  readonly descriptors: readonly Descriptor[]
  stdin: Readable | undefined
  stdout: Writable | undefined
  stderr: Writable | undefined
  hasRef = true
  readonly #simulation: Simulation
  readonly #launch: Launch
  readonly #signalHandlers = new Map<NodeJS.Signals, (() => void)[]>()
  #channel: IpcChannel | undefined
  #isSettled = false
  #state: 'running' | 'ended' | 'gone' = 'running'

  constructor(simulation: Simulation, node: SimNode, pid: number, launch: Launch) {
    this.#simulation = simulation
    this.#launch = launch
    this.processNode = node
    this.pid = pid
    this.group = launch.group ?? pid
    this.parent = launch.parent
    this.descriptors = launch.descriptors(this)
    simulation.ledger.add(this)
    simulation.push(new Lane(`${this.name}.start`, node, 'poll'), {
      label: inShort(launch.command),
      windowMs: simulation.windowMs,
      run: () => this.#start(),
    })
  }

  get name(): string {
    return this.processNode.name
  }

  /** The parent holds it. */
  get node(): SimNode {
    return this.parent
  }

  get what(): string {
    const state = this.#state === 'running' ? 'running' : 'ended, but nobody has been told'
    return `${this.name} (${inShort(this.#launch.command)}), ${state}`
  }

  get keepsAlive(): boolean {
    return this.#state !== 'gone' && this.hasRef && this.#launch.onExit !== undefined
  }

  get isLeftover(): boolean {
    return this.#state !== 'gone'
  }

  /** The parent has ended: nobody waits for this one any more, which runs on. */
  abandon(): void {
    if (this.#state === 'ended') this.#vanish()
  }

  dispose(): void {
    this.#state = 'gone'
    this.#simulation.ledger.remove(this)
    endProcess(this.#simulation, this.processNode)
  }

  /** Calls what the program has said to do at a signal; returns whether it has. */
  handle(signal: NodeJS.Signals): boolean {
    const handlers = this.#signalHandlers.get(signal) ?? []
    for (const handler of handlers) handler()
    return handlers.length > 0
  }

  /** Leaves the code that runs, as `process.exit` does. */
  exit(exitCode: number): never {
    this.end({ exitCode })
    throw new ProcessExit(`exit(${exitCode}) of ${this.name}`)
  }

  end(ending: Ending): void {
    if (this.#state !== 'running') return
    this.#state = 'ended'
    const ends = this.descriptors.filter((descriptor) => typeof descriptor === 'object')
    if ('signal' in ending) {
      endProcess(this.#simulation, this.processNode)
      this.#tellParent(ending)
      return
    }
    this.#simulation.processes.listeners.call(this.processNode, 'exit', ending.exitCode)
    let open = ends.length
    // Writes to a pipe are synchronous: a process that exits does so after its output has gone into the pipe.
    const closed = () => {
      if (--open <= 0) this.#tellParent(ending)
    }
    for (const end of ends) end.closeWhenThrough(closed)
    endProcess(this.#simulation, this.processNode)
    if (ends.length === 0) closed()
  }

  #start(): void {
    const { processNode: node } = this
    this.stdin = inputOf(this.descriptors[0])
    this.stdout = this.#output(1, process.stdout)
    this.stderr = this.#output(2, process.stderr)
    this.#channel = this.#openChannel()
    node.afterEvent = () => this.#exitIfIdle()
    ;(async () => this.#launch.program(this.#asSeenByProgram()))().then(
      () => (this.#isSettled = true),
      (reason: unknown) => this.#fail(reason),
    )
  }

  /** Nobody reads it any more: a Node process that does not expect that dies of it. */
  #output(fd: number, outside: NodeJS.WritableStream): Writable {
    const stream = outputOf(this.descriptors[fd], outside)
    stream.on('error', () => {
      if (stream.listenerCount('error') === 1) this.end({ exitCode: 1 })
    })
    return stream
  }

  #openChannel(): IpcChannel | undefined {
    const { ipc } = this.#launch
    const end = ipc && this.descriptors[ipc.fd]
    return typeof end === 'object' ? openChannel(end, ipc?.serialization ?? 'json') : undefined
  }

  #exitIfIdle(): void {
    const { processNode: node } = this
    this.#takeExitCode()
    if (this.#state !== 'running' || this.#simulation.isAlive(node)) return
    this.end({ exitCode: this.#isSettled ? Number(node.exitCode ?? 0) : unsettledCode })
  }

  /** There is one `process` object in the thread: what this process has set there is its own. */
  #takeExitCode(): void {
    if (process.exitCode === undefined) return
    this.processNode.exitCode = process.exitCode
    process.exitCode = undefined
  }

  /** What a Node process does with an error of its main program; and a finding, since no program of a test should throw. */
  #fail(reason: unknown): void {
    if (isProcessExit(reason) || this.#state !== 'running') return
    this.#simulation.find('rejected', describe(reason), reason)
    this.stderr?.write(`${describe(reason)}\n`)
    this.end({ exitCode: 1 })
  }

  #tellParent(ending: Ending): void {
    const { onExit } = this.#launch
    if (onExit === undefined || this.parent.hasEnded) {
      this.#vanish()
      return
    }
    const [exitCode, signal] = 'signal' in ending ? [0, ending.signal] : [ending.exitCode & 0xff, '']
    this.#simulation.push(new Lane(`${this.name}.exit`, this.parent, 'poll'), {
      label: signal === '' ? `exit ${exitCode}` : signal,
      windowMs: this.#simulation.windowMs,
      ref: this.hasRef,
      run: () => {
        this.#vanish()
        onExit(exitCode, signal)
      },
    })
  }

  #vanish(): void {
    this.#state = 'gone'
    this.#simulation.ledger.remove(this)
    this.#simulation.processes.forget(this)
  }

  #asSeenByProgram(): SimChild {
    const { pid, processNode: node } = this
    const { command, env, cwd } = this.#launch
    const { processes } = this.#simulation
    return {
      pid,
      get ppid() {
        return processes.ppidOf(node)
      },
      argv: command.argv,
      env,
      cwd,
      stdin: this.stdin as Readable,
      stdout: this.stdout as Writable,
      stderr: this.stderr as Writable,
      exit: (code = 0) => this.exit(code),
      onSignal: (name, handler) =>
        void this.#signalHandlers.set(name, [...(this.#signalHandlers.get(name) ?? []), handler]),
      send: (message) => this.#ipc().send(message),
      onMessage: (handler) => this.#listen(handler),
      disconnect: () => this.#ipc().disconnect(),
      spawn: (program, argv = command.argv) => this.#spawn(program, argv),
    }
  }

  #listen(handler: (message: unknown) => void): void {
    const channel = this.#ipc()
    channel.channel?.refCounted()
    channel.on('message', handler)
  }

  #ipc(): IpcChannel {
    if (this.#channel !== undefined) return this.#channel
    throw new HarnessError(
      'ERR_USAGE',
      `${this.name} has no IPC channel; start it by fork(), or by spawn() with 'ipc' among its stdio`,
    )
  }

  #spawn(program: Program, argv: readonly string[]): number {
    const { env, cwd } = this.#launch
    const command = { argv, line: argv.join(' '), isShell: false }
    const { group, processNode: parent } = this
    const descriptors = (child: SimProcess) => ['nothing' as const, this.inherited(1, child), this.inherited(2, child)]
    return this.#simulation.processes.launch({ program, command, env, cwd, group, parent, descriptors }).pid
  }

  /** What a child of this process gets when it inherits one of its descriptors. Input is not shared. */
  inherited(fd: number, heir: SimProcess): Descriptor {
    const own = this.descriptors[fd]
    if (typeof own !== 'object') return own ?? 'nothing'
    if (own.outgoing === undefined || fd === 0) return 'nothing'
    const end = new PipeEnd(this.#simulation, `${own.name}@${heir.name}`, heir.processNode, false)
    end.outgoing = own.outgoing
    own.outgoing.addWriter(end)
    return end
  }
}
