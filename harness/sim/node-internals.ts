import type http from 'node:http'
import { HarnessError } from '../errors.ts'
import type { ZlibHandle } from './patches/zlib.ts'

/**
 * The semi-private parts of Node that the simulation stands on, in one place, so that a version of Node that lacks one is
 * refused with its name rather than met by a crash. All are there in Node 20, 22 and 24.
 */
interface InternalProcess {
  _tickCallback(): void
  _getActiveHandles(): object[]
  _fatalException(thrown: unknown, fromPromise: boolean): boolean
  binding(name: string): Record<string, unknown>
}

const internals = process as unknown as InternalProcess

/** Runs ticks, microtasks and rejection handlers until none is left. Does nothing when called from a microtask. */
export const runTicks: () => void = need('process._tickCallback', internals._tickCallback)

/** What keeps the real event loop busy: sockets, servers, workers, as the objects that programs hold. */
export const activeHandles: () => object[] = need('process._getActiveHandles', internals._getActiveHandles).bind(
  process,
)

/** Tells the process's `uncaughtException` listeners, and clears the async-id stack that the throw left unbalanced. */
export const fatalException = need('process._fatalException', internals._fatalException)

/** Where native stream handles leave the figures of their last operation, and net.Socket reads them. */
export interface StreamBase {
  streamBaseState: Int32Array
  kReadBytesOrError: number
  kArrayBufferOffset: number
  kBytesWritten: number
  kLastWriteWasAsync: number
}

export function streamBase(): StreamBase {
  const base = binding('stream_wrap') as unknown as StreamBase
  need('stream_wrap.streamBaseState', base.streamBaseState)
  return base
}

/** The native class behind TCP sockets; net.Socket asks `instanceof` before it resets a connection. */
export function nativeTcp(): abstract new () => object {
  return need('tcp_wrap.TCP', binding('tcp_wrap').TCP as (abstract new () => object) | undefined)
}

/** The native classes behind zlib streams, by name; newer versions of Node have more of them. */
export function zlibHandleClasses(): [name: string, handleClass: { prototype: ZlibHandle }][] {
  const classes = Object.entries(binding('zlib')) as [string, { prototype?: Partial<ZlibHandle> }][]
  const found = classes.filter(([, { prototype }]) => prototype?.writeSync !== undefined)
  need('zlib.Zlib', found[0])
  return found as [string, { prototype: ZlibHandle }][]
}

/**
 * `node:http`, by the way that `require` takes. A static import would make Node 22 load its undici while modules are linked,
 * before any of them can run; and that begins to compile its parser, for which the first schedule would wait in vain.
 */
export function nodeHttp(): typeof http {
  return process.getBuiltinModule('node:http')
}

/** The native functions under `node:fs`, by name. Node's own code looks them up here at each call. */
export type NativeFs = Record<string, (...args: unknown[]) => unknown> & {
  [name in 'open' | 'close' | 'read' | 'writeBuffer' | 'lstat' | 'stat' | 'readlink' | 'readdir']: (
    ...args: unknown[]
  ) => unknown
}

export function fsBinding(): NativeFs {
  const native = binding('fs') as NativeFs
  need('fs.openFileHandle', native.openFileHandle)
  return native
}

/** The prototype of a native handle, and the class that it belongs to. */
export interface NativeWatcher {
  prototype: Record<string, (...args: never[]) => unknown>
}

/** The native classes behind `fs.watch` and `fs.watchFile`. */
export function watcherClasses(): { event: NativeWatcher; stat: NativeWatcher } {
  const event = need('fs_event_wrap.FSEvent', binding('fs_event_wrap').FSEvent as NativeWatcher | undefined)
  const stat = need('fs.StatWatcher', binding('fs').StatWatcher as NativeWatcher | undefined)
  return { event, stat }
}

/** `process.binding` is deprecated in words; the warning would tell users about our affairs. */
function binding(name: string): Record<string, unknown> {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return internals.binding(name)
  } finally {
    process.emitWarning = emitWarning
  }
}

function need<T>(name: string, part: T | undefined): T {
  if (part !== undefined) return part
  throw new HarnessError(
    'ERR_WORLD_UNSUPPORTED',
    `Node ${process.version} has no ${name}, on which the simulated world stands; use Node 20, 22 or 24`,
  )
}
