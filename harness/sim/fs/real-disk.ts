import { constants } from 'node:fs'
import type { NativeFs } from '../node-internals.ts'
import {
  type Attributes,
  Folder,
  type Inode,
  type RealFolder,
  RegularFile,
  SpecialFile,
  SymbolicLink,
  typeOf,
} from './inode.ts'
import type { ProcessFolders } from './process-folders.ts'

/** Places in the array that the native `lstat` fills. */
const at = { mode: 1, uid: 3, gid: 4, size: 8 } as const

/**
 * The disk of the machine, which a schedule can see and never change. Its files show as if they had last been changed
 * when the calendar of the schedule begins, with inode numbers counted as they are met, so that a schedule is the same
 * in every checkout.
 */
export class RealDisk {
  readonly #native: NativeFs
  readonly #startMs: number
  readonly #nextNumber: () => number
  readonly #processes: ProcessFolders

  /** `startMs` is when the files seem to have been changed last, in milliseconds of the calendar. */
  constructor(native: NativeFs, startMs: number, nextNumber: () => number, processes: ProcessFolders) {
    this.#native = native
    this.#startMs = startMs
    this.#nextNumber = nextNumber
    this.#processes = processes
  }

  root(): Folder {
    return this.#inode('/') as Folder
  }

  #inode(path: string): Inode | null {
    const stat = this.#lstat(path)
    if (stat === null) return null
    const attributes = attributesOf(stat, this.#startMs)
    switch (typeOf(attributes.mode)) {
      case constants.S_IFDIR:
        return new Folder(this.#nextNumber(), attributes, this.#folder(path))
      case constants.S_IFLNK:
        return new SymbolicLink(this.#nextNumber(), attributes, this.#native.readlink(path, 'utf8') as string)
      case constants.S_IFREG: {
        const size = stat[at.size] as number
        return new RegularFile(this.#nextNumber(), attributes, { size, load: () => this.#load(path) })
      }
      default:
        return new SpecialFile(this.#nextNumber(), attributes)
    }
  }

  #folder(path: string): RealFolder {
    const below = (name: string) => (path === '/' ? `/${name}` : `${path}/${name}`)
    const names = () => this.#native.readdir(path, 'utf8', false) as string[]
    const inode = (name: string) => this.#inode(below(name))
    if (path !== '/proc') return { inode, names, isFleeting: () => false }
    const processes = this.#processes
    return {
      inode: (name) => (processes.isProcess(name) ? processes.inode(name) : inode(name)),
      names: () => names().filter((name) => !processes.isProcess(name)),
      isFleeting: (name) => processes.isProcess(name),
    }
  }

  /** A path that cannot be looked at is not there for the schedule either. */
  #lstat(path: string): number[] | null {
    try {
      const stat = this.#native.lstat(path, false, undefined, false) as Float64Array | undefined
      return stat === undefined ? null : [...stat]
    } catch {
      return null
    }
  }

  /** Reads until nothing comes: files of `/proc` do not tell their size. */
  #load(path: string): Uint8Array {
    const fd = this.#native.open(path, constants.O_RDONLY, 0) as number
    try {
      const chunks: Buffer[] = []
      for (;;) {
        const chunk = Buffer.allocUnsafe(64 * 1024)
        const length = this.#native.read(fd, chunk, 0, chunk.byteLength, -1) as number
        if (length === 0) return Uint8Array.from(Buffer.concat(chunks))
        chunks.push(chunk.subarray(0, length))
      }
    } finally {
      this.#native.close(fd)
    }
  }
}

function attributesOf(stat: readonly number[], startMs: number): Attributes {
  const [mode, uid, gid] = [stat[at.mode], stat[at.uid], stat[at.gid]] as [number, number, number]
  return { mode, uid, gid, atimeMs: startMs, mtimeMs: startMs, ctimeMs: startMs, birthtimeMs: startMs }
}
