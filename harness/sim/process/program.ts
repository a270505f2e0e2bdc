import type { Readable, Writable } from 'node:stream'
import type { SimCommand } from './command.ts'

/**
 * What a simulated command does: a function that is run as the main program of a process of its own. The process ends by
 * {@link SimChild.exit}, by a signal, or as a Node process does, when nothing keeps it alive any more.
 */
export type Program = (child: SimChild) => void | Promise<void>

/**
 * Which commands a program is for: those of a base name (`emit` is also `node dist/emit.js`), those whose line matches, or
 * those for which the predicate holds.
 */
export type ProgramMatch = string | RegExp | ((command: SimCommand) => boolean)

/** A simulated process, as its own program sees it. */
export interface SimChild {
  readonly pid: number
  readonly ppid: number
  /** The words of the command; the first is the command or the script. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Ends the process, and leaves the code that called it. What was written before still gets through. */
  exit(code?: number): never
  /** Handles a signal instead of what it does by default. SIGKILL cannot be handled. */
  onSignal(name: NodeJS.Signals, handler: () => void): void
  /** Sends a message to the parent, which must have started this process with an IPC channel. */
  send(message: unknown): boolean
  /** Handles the messages of the parent. As in a forked process, this keeps the process alive until it disconnects. */
  onMessage(handler: (message: unknown) => void): void
  /** Closes the IPC channel. */
  disconnect(): void
  /**
   * Starts another process that inherits stdout and stderr, the process group and the environment, and returns its pid. The
   * pipes stay open as long as it runs, whatever becomes of this process.
   */
  spawn(program: Program, argv?: readonly string[]): number
}
