import childProcess, { type ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { active } from '../active.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { uvCode } from '../net/uv-codes.ts'
import { commandOf, inShort, type SimCommand } from '../process/command.ts'
import { graft, type NativePipe } from '../process/ipc-channel.ts'
import { connectPipe, PipeEnd } from '../process/pipe-end.ts'
import type { Program } from '../process/program.ts'
import type { SimProcess } from '../process/sim-process.ts'
import type { Descriptor } from '../process/stdio-streams.ts'
import { refuseCalls, refuseUse } from '../refuse.ts'
import { nameOf } from './process-kill.ts'

/** What Node keeps of a process that it is about to start, once it has read what was asked for. */
interface SpawnOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly envPairs?: readonly string[]
  readonly cwd?: string | null
  readonly detached?: boolean
  readonly serialization?: string
  readonly stdio: StdioEntry[]
}

interface StdioEntry {
  readonly type: 'ignore' | 'pipe' | 'overlapped' | 'inherit' | 'fd' | 'wrap'
  readonly ipc?: boolean
  readonly fd?: number
  handle?: object
}

/** The native handle of a process, as Node's `ChildProcess` uses it. */
interface ProcessHandle {
  pid?: number
  onexit(exitCode: number, signal: string): void
  spawn(...args: unknown[]): number
}

interface ChildInside {
  readonly _handle: ProcessHandle
  spawn(options: SpawnOptions): number
}

/**
 * `node:child_process`: `spawn`, `fork`, `exec`, `execFile` and their promises. All of them are Node's own down to the native
 * handle of a process; inside a schedule that handle runs a program of the schedule. The synchronous functions are refused,
 * because the program could not run while its parent waits.
 */
export function patchChildProcess(): void {
  const prototype = childProcess.ChildProcess.prototype as unknown as ChildInside
  const { spawn } = prototype
  prototype.spawn = function (this: ChildInside, options) {
    const { current } = active
    // Which arguments the handle gets differs between versions of Node; by then all that they say is in the options.
    if (current !== undefined && !Object.hasOwn(this._handle, 'spawn')) {
      this._handle.spawn = () => start(current, this._handle, options)
    }
    return spawn.call(this, options)
  }
  patchTimeOuts()
  refuseCalls(childProcess, 'child_process', ['spawnSync', 'execSync', 'execFileSync'], 'spawnSync')
}

function start(simulation: Simulation, handle: ProcessHandle, options: SpawnOptions): number {
  active.standIns.add(handle)
  const command = commandOf(options.file, options.args)
  const program = programOf(simulation, command)
  if (program === null) {
    unplug(simulation, options.stdio)
    return uvCode('ENOENT')
  }
  const child = launch(simulation, handle, options, command, program)
  handle.pid = child.pid
  const methods = {
    kill: (signal: number) => kill(simulation, child, signal),
    ref: () => (child.hasRef = true),
    unref: () => (child.hasRef = false),
    hasRef: () => child.hasRef,
    // A native handle that was never started lives as long as the thread, and must not keep the schedule with it.
    close: () => {
      for (const key of Reflect.ownKeys(handle)) Reflect.deleteProperty(handle, key)
    },
  }
  Object.assign(handle, methods)
  return 0
}

function launch(
  simulation: Simulation,
  handle: ProcessHandle,
  { envPairs = [], cwd, detached, serialization = 'json', stdio }: SpawnOptions,
  command: SimCommand,
  program: Program,
): SimProcess {
  const { processes, node: parent } = simulation
  const ipcFd = stdio.findIndex(({ ipc }) => ipc === true)
  return processes.launch({
    program,
    command,
    env: Object.fromEntries(envPairs.map(pairOf)),
    cwd: cwd ?? process.cwd(),
    parent,
    group: detached ? undefined : processes.groupOf(parent),
    ipc: ipcFd < 0 ? undefined : { fd: ipcFd, serialization },
    descriptors: (child) => stdio.map((entry, fd) => plug(simulation, child, entry, fd)),
    onExit: (exitCode, signal) => handle.onexit(exitCode, signal),
  })
}

function kill(simulation: Simulation, child: SimProcess, signal: number): number {
  const name = nameOf(signal)
  if (name === undefined) return uvCode('EINVAL')
  return simulation.processes.signal(child.pid, name) ? 0 : uvCode('ESRCH')
}

/** Gives the child its end of what the parent has asked for, and the parent, in place of the native pipe, the other one. */
function plug(simulation: Simulation, child: SimProcess, entry: StdioEntry, fd: number): Descriptor {
  switch (entry.type) {
    case 'pipe':
    case 'overlapped':
      return plugPipe(simulation, child.name, child.processNode, entry, fd)
    case 'inherit':
    case 'fd':
      return inherit(simulation, child, entry.fd ?? fd)
    case 'wrap':
      return refuseUse(simulation, 'a stream as stdio of a child process', 'childStdio')
    case 'ignore':
      return 'nothing'
  }
}

function plugPipe(simulation: Simulation, child: string, childNode: SimNode, entry: StdioEntry, fd: number): PipeEnd {
  const name = `${child}.${entry.ipc ? 'ipc' : (['stdin', 'stdout', 'stderr'][fd] ?? `fd${fd}`)}`
  const ours = new PipeEnd(simulation, name, simulation.node, true)
  const theirs = new PipeEnd(simulation, `${name}'`, childNode, false)
  if (fd > 0) connectPipe(simulation, name, theirs, ours)
  if (fd === 0 || fd > 2) connectPipe(simulation, fd === 0 ? name : `${name}'`, ours, theirs)
  replace(entry, ours)
  return theirs
}

/** A process that could not be started has its pipes nevertheless; nobody holds their other ends. */
function unplug(simulation: Simulation, stdio: readonly StdioEntry[]): void {
  const name = `unstarted#${simulation.count('unstarted')}`
  for (const [fd, entry] of stdio.entries()) {
    if (entry.handle !== undefined) plugPipe(simulation, name, simulation.node, entry, fd).abandon()
  }
}

function replace(entry: StdioEntry, end: PipeEnd): void {
  const native = entry.handle as NativePipe
  // The channel's code holds on to the native handle.
  if (entry.ipc) graft(native, end)
  else {
    active.standIns.add(native)
    native.unref()
    native.close()
    entry.handle = end
  }
}

function inherit(simulation: Simulation, child: SimProcess, fd: number): Descriptor {
  if (fd > 2) return refuseUse(simulation, `file descriptor ${fd} as stdio of a child process`, 'childStdio')
  const parent = simulation.processes.childAt(simulation.node)
  return parent === undefined ? 'outside' : parent.inherited(fd, child)
}

/** What runs; null when nothing can be started. A shell is always there, whatever it is told to run. */
function programOf(simulation: Simulation, command: SimCommand): Program | null {
  const name = basename(command.argv[0] ?? command.line)
  const program = simulation.processes.programFor(command)
  if (program === undefined) tellUnknown(simulation, name, command)
  return program ?? (command.isShell ? notFound(name) : null)
}

/** A command of which nobody has said what it does is a finding, beside the error that a missing command gives. */
function tellUnknown(simulation: Simulation, name: string, command: SimCommand): void {
  simulation.find(
    'refused',
    `the command '${inShort(command)}' was started, but a schedule runs no real programs; say what it does by sim.program('${name}', (child) => { … })`,
  )
}

function notFound(name: string): Program {
  return (child) => {
    child.stderr.write(`/bin/sh: 1: ${name}: not found\n`)
    child.exit(127)
  }
}

function pairOf(pair: string): [string, string] {
  const equals = pair.indexOf('=')
  return [pair.slice(0, equals), pair.slice(equals + 1)]
}

type Callback = (
  error: (Error & { stdout?: unknown; stderr?: unknown }) | null,
  stdout: unknown,
  stderr: unknown,
) => void
type Start = (...args: unknown[]) => ChildProcess

/**
 * The option `timeout`. Node's own code took its timers before they could be replaced, so inside a schedule it is not told of
 * the option, and what it would do then is done here.
 */
function patchTimeOuts(): void {
  const { spawn, fork, execFile } = childProcess as unknown as Record<'spawn' | 'fork' | 'execFile', Start>
  const killChild = (child: ChildProcess, signal: NodeJS.Signals) => void child.kill(signal)
  // Node's `exec` asks the module for `execFile`, so that it need not be replaced.
  const replacements = {
    spawn: withTimeOut(spawn, 'exit', killChild),
    fork: withTimeOut(fork, 'exit', killChild),
    execFile: withTimeOut(execFile, 'close', killForExec),
  }
  Object.defineProperty(replacements.execFile, promisify.custom, { value: promisified(replacements.execFile) })
  Object.assign(childProcess, replacements)
}

function withTimeOut(
  real: Start,
  until: 'exit' | 'close',
  kill: (child: ChildProcess, signal: NodeJS.Signals) => void,
): Start {
  const start: Start = (...args) => {
    const place = args.findIndex(isOptions)
    const options = args[place] as { timeout?: unknown; killSignal?: NodeJS.Signals } | undefined
    const delayMs = options?.timeout
    if (active.current === undefined || !isDelay(delayMs)) return real(...args)
    const child = real(...args.with(place, { ...options, timeout: 0 }))
    const timer = setTimeout(() => kill(child, options?.killSignal ?? 'SIGTERM'), delayMs)
    const stop = () => clearTimeout(timer)
    child.once(until, stop).once('error', stop)
    return child
  }
  return Object.defineProperty(start, 'name', { value: real.name })
}

/** As `execFile` does it: the output is given up first, and the process counts as killed even when it is gone. */
function killForExec(child: ChildProcess, signal: NodeJS.Signals): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.kill(signal)
  Object.assign(child, { killed: true })
}

function promisified(execFile: Start) {
  return (...args: unknown[]) => {
    let child: ChildProcess | undefined
    const promise = new Promise((resolve, reject) => {
      const done: Callback = (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr })
        else reject(Object.assign(error, { stdout, stderr }))
      }
      child = execFile(...args, done)
    })
    return Object.assign(promise, { child })
  }
}

function isOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDelay(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0
}
