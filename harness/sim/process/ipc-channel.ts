import { ChildProcess } from 'node:child_process'
import { active } from '../active.ts'
import type { PipeEnd } from './pipe-end.ts'

/** Both ends of an IPC channel speak through this part of Node's `ChildProcess`. */
export interface IpcChannel {
  readonly connected: boolean
  /** Node's count of who wants the channel to keep the process alive. */
  readonly channel?: { refCounted(): void; unrefCounted(): void } | null
  send(message: unknown): boolean
  disconnect(): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

/** The native handle of a pipe. */
export interface NativePipe {
  close(): void
  unref(): void
}

interface SpawnOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly serialization: string
  stdio: readonly (string | { readonly handle: NativePipe })[]
}

interface ChannelOwner {
  readonly _handle: { spawn(): number }
  spawn(options: SpawnOptions): void
}

/**
 * The child's end of an IPC channel. Node's own is set up by its start-up code alone, but both ends speak the same
 * protocol: so the end is that of a `ChildProcess` which never starts anything.
 */
export function openChannel(end: PipeEnd, serialization: string): IpcChannel {
  const owner = new ChildProcess() as unknown as ChannelOwner
  active.standIns.add(owner._handle)
  // Node replaces the words by what it has made of them.
  const options: SpawnOptions = { file: '-', args: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization }
  owner._handle.spawn = () => {
    graft((options.stdio[3] as { handle: NativePipe }).handle, end)
    return 0
  }
  owner.spawn(options)
  // As in a forked process, the channel keeps nothing alive until somebody listens.
  end.unref()
  return owner as unknown as IpcChannel
}

/** Makes a native pipe of Node's do what a simulated end does. Node holds on to the native one, so that it cannot be replaced. */
export function graft(native: NativePipe, end: PipeEnd): void {
  active.standIns.add(native)
  native.unref()
  const methods = ['readStart', 'readStop', 'writeUtf8String', 'writeLatin1String', 'writeBuffer', 'writev', 'shutdown']
  for (const name of [...methods, 'ref', 'unref', 'hasRef', 'getAsyncId'] as (keyof PipeEnd)[]) {
    Object.defineProperty(native, name, { value: (...args: unknown[]) => (end[name] as Method).apply(end, args) })
  }
  const { close } = native
  Object.defineProperties(native, {
    close: {
      value: (onClosed?: () => void) => {
        close.call(native)
        end.close(onClosed)
      },
    },
    onread: { get: () => end.onread, set: (onread: Method) => (end.onread = (buffer) => onread.call(native, buffer)) },
    writeQueueSize: { get: () => end.writeQueueSize },
    fd: { get: () => end.fd },
  })
}

type Method = (...args: unknown[]) => unknown
