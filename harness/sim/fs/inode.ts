import { constants } from 'node:fs'
import { FileContent } from './file-content.ts'

/** What all kinds of inodes have. Times are milliseconds of the calendar. */
export interface Attributes {
  /** Type and permission bits, as `stat` tells them. */
  mode: number
  uid: number
  gid: number
  atimeMs: number
  mtimeMs: number
  ctimeMs: number
  birthtimeMs: number
}

abstract class InodeOf<Kind extends string> implements Attributes {
  abstract readonly kind: Kind
  readonly number: number
  mode: number
  uid: number
  gid: number
  atimeMs: number
  mtimeMs: number
  ctimeMs: number
  birthtimeMs: number
  /** How many names it has. */
  links = 1

  constructor(number: number, attributes: Attributes) {
    this.number = number
    this.mode = attributes.mode
    this.uid = attributes.uid
    this.gid = attributes.gid
    this.atimeMs = attributes.atimeMs
    this.mtimeMs = attributes.mtimeMs
    this.ctimeMs = attributes.ctimeMs
    this.birthtimeMs = attributes.birthtimeMs
  }

  abstract get size(): number

  /** The size in units of 512 bytes, whole pages of 4096. */
  get blocks(): number {
    return Math.ceil(this.size / 4096) * 8
  }
}

/** A file whose bytes are taken from the real disk when they are first asked for, if it is there. */
export class RegularFile extends InodeOf<'file'> {
  readonly kind = 'file'
  readonly #load: (() => Uint8Array) | undefined
  readonly #realSize: number
  #content: FileContent | undefined

  constructor(number: number, attributes: Attributes, real?: { size: number; load(): Uint8Array }) {
    super(number, attributes)
    this.#load = real?.load
    this.#realSize = real?.size ?? 0
  }

  get content(): FileContent {
    this.#content ??= new FileContent(this.#load?.())
    return this.#content
  }

  get size(): number {
    return this.#content?.size ?? this.#realSize
  }

  /** The content, if anybody has asked for it; nobody has written to it otherwise. */
  get loadedContent(): FileContent | undefined {
    return this.#content
  }
}

export class SymbolicLink extends InodeOf<'link'> {
  readonly kind = 'link'
  readonly target: string

  constructor(number: number, attributes: Attributes, target: string) {
    super(number, attributes)
    this.target = target
  }

  get size(): number {
    return Buffer.byteLength(this.target)
  }
}

/** A device, a FIFO or a socket of the real machine: it can be seen, but not opened. */
export class SpecialFile extends InodeOf<'special'> {
  readonly kind = 'special'

  get size(): number {
    return 0
  }
}

/** The part of the real disk that lies under a folder. */
export interface RealFolder {
  /** The inode of that name; null when there is none. */
  inode(name: string): Inode | null
  names(): string[]
  /** Whether what has that name comes and goes by itself, so that it is to be looked for each time. */
  isFleeting(name: string): boolean
}

/**
 * A folder: what the schedule has put into it or taken out of it, over what the real folder holds. A name that is mapped
 * to null has been looked for and is not there, whether nobody made it or somebody has removed it.
 */
export class Folder extends InodeOf<'folder'> {
  readonly kind = 'folder'
  /** The root is its own parent. */
  parent: Folder
  /** Its name in the parent. */
  name = ''
  readonly #entries = new Map<string, Inode | null>()
  readonly #real: RealFolder | undefined
  #isListed: boolean

  constructor(number: number, attributes: Attributes, real?: RealFolder) {
    super(number, attributes)
    this.parent = this
    this.#real = real
    this.#isListed = real === undefined
  }

  get size(): number {
    return 4096
  }

  get path(): string {
    if (this.parent === this) return '/'
    return this.parent.parent === this.parent ? `/${this.name}` : `${this.parent.path}/${this.name}`
  }

  get(name: string): Inode | null {
    if (this.#real?.isFleeting(name)) return this.#adopt(name, this.#real.inode(name))
    let inode = this.#entries.get(name)
    if (inode === undefined) {
      inode = this.#real?.inode(name) ?? null
      if (inode === null && this.#isListed) return null
      this.#enter(name, inode)
    }
    return inode
  }

  set(name: string, inode: Inode): void {
    this.#enter(name, inode)
  }

  remove(name: string): void {
    if (this.#real === undefined) this.#entries.delete(name)
    else this.#entries.set(name, null)
  }

  /** In the order of their bytes, as libuv lists them. */
  names(): string[] {
    if (!this.#isListed) {
      for (const name of this.#real?.names() ?? []) this.get(name)
      this.#isListed = true
    }
    const names = [...this.#entries].flatMap(([name, inode]) => (inode === null ? [] : [name]))
    return names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  }

  /** What is in it as far as anybody has looked. */
  *known(): Generator<[name: string, inode: Inode]> {
    for (const [name, inode] of this.#entries) if (inode !== null) yield [name, inode]
  }

  /** Whether it lies in the other folder or is that folder. */
  isWithin(other: Folder): boolean {
    for (let folder: Folder = this; ; folder = folder.parent) {
      if (folder === other) return true
      if (folder.parent === folder) return false
    }
  }

  #enter(name: string, inode: Inode | null): void {
    this.#entries.set(name, inode)
    this.#adopt(name, inode)
  }

  #adopt(name: string, inode: Inode | null): Inode | null {
    if (inode?.kind === 'folder') {
      inode.parent = this
      inode.name = name
    }
    return inode
  }
}

export type Inode = RegularFile | Folder | SymbolicLink | SpecialFile

/** What `stat` says of an inode, in the order in which Node's binding hands it over. */
export function statFields(inode: Inode): number[] {
  const links = inode.kind === 'folder' ? 2 : inode.links
  const times = [inode.atimeMs, inode.mtimeMs, inode.ctimeMs, inode.birthtimeMs].flatMap((ms) => {
    const seconds = Math.floor(ms / 1000)
    return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
  })
  const device = 1
  const blockSize = 4096
  return [
    device,
    inode.mode,
    links,
    inode.uid,
    inode.gid,
    0,
    blockSize,
    inode.number,
    inode.size,
    inode.blocks,
    ...times,
  ]
}

/** The type bits of a mode. */
export function typeOf(mode: number): number {
  return mode & constants.S_IFMT
}

export function isFolderMode(mode: number): boolean {
  return typeOf(mode) === constants.S_IFDIR
}
