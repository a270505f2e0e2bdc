import fs, { constants } from 'node:fs'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { Failure, nodeError } from '../fs/failure.ts'
import { OpenFile } from '../fs/open-file.ts'
import { type Operation, operations, textOf } from '../fs/operations.ts'
import { refuseLazyImport } from '../guard/lazy-import.ts'
import { fsBinding, type NativeFs } from '../node-internals.ts'
import { refuseCalls, refuseUse } from '../refuse.ts'
import { SimFileHandle } from './fs-file-handle.ts'

type Native = (...args: unknown[]) => unknown

/** How Node's file system asks for an answer to be brought. */
interface Request {
  oncomplete(error: Error | null, value?: unknown): void
}

/** Descriptors below are of the real process: standard input, output and error, and what was opened before. */
const standardStreams = 3

/**
 * The native functions under `node:fs`. All of `fs`, `fs.promises`, `FileHandle` and the streams of files stand on them and
 * look them up at each call, so that above them Node's own code runs: its checks of arguments, its order of steps, its
 * errors.
 *
 * One call of a native function is one job of libuv's pool, and one event here. So `writeFile` is an `open`, a `write` and a
 * `close`, between which others may see the file empty, as they may on a real disk.
 */
export function patchFsBinding(): void {
  const binding = fsBinding()
  const native = active.real.nativeFs
  for (const [name, operation] of Object.entries(operations)) {
    const real = native[name] as Native
    binding[name] = function (this: unknown, ...args: unknown[]) {
      const { current } = active
      if (current === undefined) return real.apply(this, args)
      return dispatch(new Call(current, name, operation, args, real))
    }
  }
  patchWholeFiles(binding, native)
  patchProbes(binding, native)
  patchRemoveTree(binding, native)
  refuseNativeCopies(binding)
}

/** One call of a native function inside a schedule. */
class Call {
  readonly simulation: Simulation
  readonly name: string
  readonly operation: Operation
  readonly args: readonly unknown[]
  readonly request: unknown
  readonly extra: unknown
  readonly #real: Native

  constructor(simulation: Simulation, name: string, operation: Operation, args: readonly unknown[], real: Native) {
    this.simulation = simulation
    this.name = name
    this.operation = operation
    this.args = args.slice(0, operation.arity)
    this.request = args[operation.arity]
    this.extra = args[operation.arity + 1]
    this.#real = real
  }

  get label(): string {
    const { label, on } = this.operation
    if (on === 'paths') return `${label} ${lastPart(this.#path)} → ${lastPart(textOf(this.args[1] as string))}`
    return `${label} ${lastPart(this.#path)}`
  }

  /** Does it at once; throws the error that Node would. */
  perform(): unknown {
    // The native writes want an object for their error, where others throw.
    if (this.#isReal) return this.#real(...this.args, undefined, this.name.startsWith('write') ? {} : undefined)
    const { files } = this.simulation
    const closes = this.name === 'close'
    try {
      if (!closes) files.faults.check(this.operation.syscall, this.#path)
      const value = this.operation.run(
        { files, refuseSpecial: (path) => this.#refuseSpecial(path) },
        this.args as never[],
      )
      return value instanceof OpenFile ? new SimFileHandle(files, value) : value
    } catch (error) {
      throw error instanceof Failure ? this.#errorOf(error) : error
    }
  }

  /** Whether an error only says that there is nothing at the path, which the caller of `stat` wants to hear as undefined. */
  mayLack(error: unknown): boolean {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTDIR') return code === 'ENOENT'
    try {
      // Versions of Node differ in this for a path that leads through a file; the real function tells.
      this.#real('/dev/null/nothing', false, undefined, false)
      return true
    } catch {
      return false
    }
  }

  get #path(): string {
    if (this.operation.on !== 'descriptor') return textOf(this.args[0] as string)
    const fd = this.args[0] as number
    return this.simulation.files.pathOf(fd) ?? `descriptor ${fd}`
  }

  get #isReal(): boolean {
    return this.operation.on === 'descriptor' && (this.args[0] as number) < standardStreams
  }

  #errorOf({ code, syscall = this.operation.syscall }: Failure): Error {
    if (this.operation.on === 'descriptor') return nodeError(code, { syscall })
    const path = this.name === 'mkdtemp' ? `${this.#path}XXXXXX` : this.#path
    if (this.operation.on === 'path') return nodeError(code, { syscall, path })
    return nodeError(code, { syscall, path, dest: textOf(this.args[1] as string) })
  }

  #refuseSpecial(path: string): never {
    return refuseUse(this.simulation, `opening ${path}`, 'devices')
  }
}

function dispatch(call: Call): unknown {
  const { request } = call
  if (call.operation.syscall === 'open') refuseLazyImport(call.simulation, textOf(call.args[0] as string))
  if (request === undefined) return performNow(call)
  if (isRequest(request)) return pushCallback(call, request)
  return new Promise((resolve, reject) => {
    push(call, (error, value) => (error === null ? resolve(value) : reject(error)))
  })
}

/** Node hands over an object for the error of some functions, and lets the others throw. */
function performNow(call: Call): unknown {
  try {
    return call.perform()
  } catch (error) {
    const { extra } = call
    if (extra === false && call.mayLack(error)) return undefined
    if (typeof extra !== 'object' || extra === null || !('errno' in (error as object))) throw error
    const { errno, code, syscall } = error as NodeJS.ErrnoException
    Object.assign(extra, { errno, syscall, code })
    return undefined
  }
}

function pushCallback(call: Call, request: Request): void {
  active.standIns.add(request)
  push(call, (error, value) => (value === undefined ? request.oncomplete(error) : request.oncomplete(error, value)))
}

function push(call: Call, settle: (error: Error | null, value?: unknown) => void): void {
  call.simulation.files.jobs.push({
    label: call.label,
    bytes: bytesOf(call),
    perform: () => {
      try {
        const value = call.perform()
        return () => settle(null, value)
      } catch (error) {
        return () => settle(error as Error)
      }
    },
  })
}

/** What a write carries is part of the schedule's hash. */
function bytesOf({ name, args }: Call): Uint8Array | undefined {
  if (name === 'writeString') return Buffer.from(args[1] as string, args[3] as BufferEncoding)
  if (name !== 'writeBuffer') return undefined
  const [, buffer, offset, length] = args as [number, ArrayBufferView, number, number]
  return new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)
}

function isRequest(request: unknown): request is Request {
  return typeof (request as Partial<Request> | null)?.oncomplete === 'function'
}

/** `readFileSync` and `writeFileSync` of text have native functions of their own. */
function patchWholeFiles(binding: NativeFs, native: NativeFs): void {
  const { readFileUtf8, writeFileUtf8 } = native as Record<string, Native>
  binding.readFileUtf8 = (...args) => {
    const [file, flags] = args as [string | number, number]
    if (active.current === undefined || isStandard(file)) return readFileUtf8?.(...args)
    return withDescriptor(binding, file, flags, 0o666, (fd) => readAll(binding, fd).toString('utf8'))
  }
  binding.writeFileUtf8 = (...args) => {
    const [file, text, flags, mode] = args as [string | number, string, number, number]
    if (active.current === undefined || isStandard(file)) return writeFileUtf8?.(...args)
    return withDescriptor(binding, file, flags, mode, (fd) => writeAll(binding, fd, Buffer.from(text)))
  }
}

function withDescriptor<T>(
  binding: NativeFs,
  file: string | number,
  flags: number,
  mode: number,
  use: (fd: number) => T,
): T {
  if (typeof file === 'number') return use(file)
  const fd = binding.open(file, flags, mode) as number
  try {
    return use(fd)
  } finally {
    binding.close(fd)
  }
}

function readAll(binding: NativeFs, fd: number): Buffer {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    const length = binding.read(fd, chunk, 0, chunk.byteLength, -1) as number
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, length))
  }
}

function writeAll(binding: NativeFs, fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.byteLength; ) {
    done += binding.writeBuffer(fd, bytes, done, bytes.byteLength - done, null) as number
  }
}

function isStandard(file: string | number): boolean {
  return typeof file === 'number' && file < standardStreams
}

/** What only asks whether something is there. */
function patchProbes(binding: NativeFs, native: NativeFs): void {
  const typeAt = (path: string) => {
    try {
      return ((binding.stat(path, false) as Float64Array)[1] as number) & constants.S_IFMT
    } catch {
      return undefined
    }
  }
  binding.existsSync = (...args) =>
    active.current === undefined ? native.existsSync?.(...args) : typeAt(textOf(args[0] as string)) !== undefined
  binding.internalModuleStat = (...args) => {
    if (active.current === undefined) return native.internalModuleStat?.(...args)
    const type = typeAt(args.findLast((arg) => typeof arg === 'string') as string)
    return type === undefined ? -2 : type === constants.S_IFDIR ? 1 : 0
  }
}

/** Newer versions of Node remove folders with all that is in them natively, by one synchronous call. */
function patchRemoveTree(binding: NativeFs, native: NativeFs): void {
  const { rmSync } = native
  if (rmSync === undefined) return
  binding.rmSync = (...args) =>
    active.current === undefined ? rmSync(...args) : removeTree(binding, textOf(args[0] as string))
}

function removeTree(binding: NativeFs, path: string): void {
  const stat = binding.lstat(path, false, undefined, false) as Float64Array | undefined
  if (stat === undefined) return
  if (((stat[1] as number) & constants.S_IFMT) !== constants.S_IFDIR) {
    binding.unlink?.(path)
    return
  }
  for (const name of binding.readdir(path, 'utf8', false) as string[]) removeTree(binding, `${path}/${name}`)
  binding.rmdir?.(path)
}

/** Newer versions of Node copy folders natively, behind one synchronous call; and blobs of files are read natively. */
function refuseNativeCopies(binding: NativeFs): void {
  refuseCalls(fs, 'fs', ['openAsBlob'], 'nativeCopies')
  for (const name of Object.keys(binding).filter((key) => key.startsWith('cpSync'))) {
    const real = binding[name] as Native
    binding[name] = (...args) => {
      if (active.current !== undefined) refuseUse(active.current, 'fs.cpSync', 'nativeCopies')
      return real(...args)
    }
  }
}

function lastPart(path: string): string {
  return path.split('/').findLast((part) => part !== '') ?? path
}
