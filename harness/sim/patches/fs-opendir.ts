import fs, { type OpenDirOptions, type PathLike } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { Failure, nodeError, type Subject } from '../fs/failure.ts'
import { readdir } from '../fs/name-operations.ts'
import { direntType, encoded } from '../fs/operations.ts'

type Done<T> = (error: Error | null, value?: T) => void
/** Names and types in turn, as many as were asked for; null at the end. */
type Batch = unknown[] | null

/** `Dir` over a handle of ours. Its methods with these names are there in Node 20, 22 and 24. */
type InnerDir = fs.Dir & {
  readSyncRecursive?: (dirent: fs.Dirent) => void
  processReadResult?: (path: string, batch: Batch) => void
}

/**
 * `fs.opendir` in its three forms. Node's own `Dir` is used, over a handle that reads the simulated disk; wrong arguments go
 * to the real functions, whose errors are the right ones. Opening, each batch of entries and closing are one event each.
 */
export function patchFsOpendir(): void {
  const { opendir, opendirSync } = fs
  const promised = fs.promises.opendir
  fs.opendir = ((path: PathLike, ...rest: unknown[]) => {
    const { current } = active
    const [options, done] = typeof rest[0] === 'function' ? [undefined, rest[0]] : rest
    const text = textOf(path)
    if (current === undefined || text === undefined || typeof done !== 'function') {
      return opendir(path, ...(rest as [never]))
    }
    openLater(current, text, options as OpenDirOptions | undefined, done as Done<fs.Dir>)
  }) as typeof fs.opendir
  fs.opendirSync = (path, options) => {
    const { current } = active
    const text = textOf(path)
    if (current === undefined || text === undefined) return opendirSync(path, options)
    return openNow(current, text, options, { syscall: 'opendir' })
  }
  fs.promises.opendir = async (path, options) => {
    const { current } = active
    const text = textOf(path)
    if (current === undefined || text === undefined) return promised(path, options)
    return new Promise((resolve, reject) => {
      openLater(current, text, options, (error, dir) => (error === null ? resolve(dir as fs.Dir) : reject(error)))
    })
  }
}

/** The entries of a folder as they were when it was opened. */
class FolderHandle {
  readonly #simulation: Simulation
  readonly #path: string
  readonly #entries: { name: string; type: number }[]

  /** Errors name the path, except those of `opendirSync`, for which Node leaves it out. */
  constructor(simulation: Simulation, path: string, subject: Subject) {
    this.#simulation = simulation
    this.#path = path
    this.#entries = entriesOf(simulation, path, subject)
  }

  /** With a request it answers later, without one at once. */
  read(encoding: unknown, count: number, request?: { oncomplete: Done<Batch> }): Batch | undefined {
    if (request === undefined) return this.#next(encoding, count)
    active.standIns.add(request)
    push(this.#simulation, `readdir ${this.#path}`, () => this.#next(encoding, count), request.oncomplete)
    return undefined
  }

  close(request?: { oncomplete: Done<undefined> }): void {
    if (request === undefined) return
    active.standIns.add(request)
    push(this.#simulation, `closedir ${this.#path}`, () => undefined, request.oncomplete)
  }

  #next(encoding: unknown, count: number): Batch {
    const batch = this.#entries.splice(0, count)
    return batch.length === 0 ? null : batch.flatMap(({ name, type }) => [encoded(name, encoding), type])
  }
}

function entriesOf(simulation: Simulation, path: string, subject: Subject): { name: string; type: number }[] {
  try {
    simulation.files.faults.check('opendir', path)
    return readdir(simulation.files, path).map(({ name, inode }) => ({ name, type: direntType(inode) }))
  } catch (error) {
    throw error instanceof Failure ? nodeError(error.code, subject) : error
  }
}

function openLater(
  simulation: Simulation,
  path: string,
  options: OpenDirOptions | undefined,
  done: Done<fs.Dir>,
): void {
  push(simulation, `opendir ${path}`, () => openNow(simulation, path, options, { syscall: 'opendir', path }), done)
}

function openNow(simulation: Simulation, path: string, options: OpenDirOptions | undefined, subject: Subject): fs.Dir {
  const make = fs.Dir as unknown as new (handle: FolderHandle, path: string, options: unknown) => InnerDir
  const dir = new make(new FolderHandle(simulation, path, subject), path, options)
  const encoding = typeof options === 'string' ? options : (options?.encoding ?? 'utf8')
  // Node's own would open the folders below natively.
  dir.readSyncRecursive = (dirent) => {
    const below = `${dirent.parentPath}/${dirent.name}`
    const batch = new FolderHandle(simulation, below, { ...subject, path: below }).read(
      encoding,
      Number.POSITIVE_INFINITY,
    )
    if (batch) dir.processReadResult?.(below, batch)
  }
  return dir
}

function push<T>(simulation: Simulation, label: string, perform: () => T, done: Done<T>): void {
  simulation.files.jobs.push({
    label,
    perform: () => {
      try {
        const value = perform()
        return () => done(null, value)
      } catch (error) {
        return () => done(error as Error)
      }
    },
  })
}

/** The path as text; undefined for what is none, or holds a null byte. */
function textOf(path: unknown): string | undefined {
  const text = Buffer.isBuffer(path) ? path.toString() : path instanceof URL ? fileURLToPath(path) : path
  return typeof text === 'string' && !text.includes('\0') ? text : undefined
}
