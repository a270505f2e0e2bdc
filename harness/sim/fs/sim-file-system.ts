import { active } from '../active.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import type { SimNode } from '../core/node.ts'
import { epochMs, type Simulation } from '../core/simulation.ts'
import { Failure } from './failure.ts'
import { FileFaults } from './file-faults.ts'
import { FileJobs } from './file-jobs.ts'
import { find, locate, type Place } from './file-tree.ts'
import { FileWatchers } from './file-watchers.ts'
import { type Attributes, Folder, type Inode, RegularFile } from './inode.ts'
import { OpenFile } from './open-file.ts'
import { ProcessFolders } from './process-folders.ts'
import { RealDisk } from './real-disk.ts'

/** No process of a test has that many real descriptors, so that those of the simulation are told apart. */
const firstDescriptor = 1_000_000

/** Where a crash cuts off what was written and not synced: a number in [0, 2³²) for each file, by its name. */
export type CrashDraw = (key: string) => number

/**
 * The disk of a schedule: one for all its processes. It lies over the real disk, which shows through wherever the
 * schedule has changed nothing. All changes stay in memory and are gone with the schedule.
 */
export class SimFileSystem {
  /** What faults do to this disk. */
  readonly faults: FileFaults
  readonly watchers: FileWatchers
  readonly jobs: FileJobs
  readonly #simulation: Simulation
  readonly #open = new Map<number, OpenFile>()
  #root: Folder | undefined
  #crashes = 0

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.faults = new FileFaults(simulation.seed)
    this.watchers = new FileWatchers(simulation)
    this.jobs = new FileJobs(simulation)
  }

  get root(): Folder {
    this.#root ??= this.#realDisk().root()
    return this.#root
  }

  /** The process that asks. */
  get node(): SimNode {
    return this.#simulation.node
  }

  get nowMs(): number {
    return epochMs + this.#simulation.nowMs
  }

  /** Puts a file there before or while the code under test runs, with the folders above it. It counts as synced. */
  file(path: string, content: string | Uint8Array): void {
    const { folder, name, inode } = locate(this.#withFoldersOf(path), path, { last: 'follow' })
    if (inode?.kind === 'folder') throw new TypeError(`expected ${path} to be the path of a file, it is a folder`)
    const file = inode?.kind === 'file' ? inode : new RegularFile(this.nextNumber(), this.attributes(0o100644))
    file.content.truncate(0, this.node)
    file.content.write(0, typeof content === 'string' ? Buffer.from(content) : content, this.node)
    file.content.sync()
    if (inode === null) folder.set(name, file)
  }

  /** What is in a file now; throws an Error when there is none. */
  read(path: string): Buffer {
    const inode = this.#existing(path)
    if (inode?.kind !== 'file') throw new Error(`expected a file at ${path}, found ${inode?.kind ?? 'nothing'}`)
    return inode.content.all()
  }

  /**
   * The process has ended without a word: its files are closed, and each operation that was under way has happened or not.
   * What it had written stays, since the kernel has it, unless the machine went down too: then `torn` says where what it
   * had written and not synced is cut off. Without it, a `torn-write` fault in force decides.
   *
   * Ending a process of the simulation calls this.
   */
  crash(node: SimNode, { torn }: { torn?: CrashDraw } = {}): void {
    this.jobs.interrupt(node)
    for (const file of [...this.#open.values()]) if (file.node === node) this.close(file)
    this.#crashes++
    const draw = torn ?? ((key: string) => keyedHash(this.#simulation.seed, `torn ${key}`, this.#crashes))
    for (const { path, file } of filesBelow(this.#root)) {
      if (!file.loadedContent?.isUnsynced(node)) continue
      if (torn !== undefined || this.faults.tears(path)) file.content.tear(node, draw(path))
    }
  }

  /** Opens an inode for the process that asks. */
  open(opening: { inode: Inode; path: string; place: Place; flags: number }): OpenFile {
    const fd = firstDescriptor + this.#simulation.count('descriptor') - 1
    const file = new OpenFile({ ...opening, fd, node: this.node, owner: this })
    this.#open.set(fd, file)
    this.#simulation.ledger.add(file)
    return file
  }

  /** What a process that ends has under way happens or does not, and nobody hears of it. */
  interrupt(node: SimNode): void {
    this.jobs.interrupt(node)
  }

  close(file: OpenFile): void {
    this.#open.delete(file.fd)
    this.#simulation.ledger.remove(file)
  }

  /**
   * The open file of a descriptor; throws a {@link Failure} when there is none. Descriptors of all processes differ, and what
   * stops a server may be called from another process of the schedule than the one that started it.
   */
  opened(fd: number): OpenFile {
    const file = this.#open.get(fd)
    if (file === undefined) throw new Failure('EBADF')
    return file
  }

  /** The path under which a descriptor was opened, for labels. */
  pathOf(fd: number): string | undefined {
    return this.#open.get(fd)?.path
  }

  nextNumber(): number {
    return this.#simulation.count('inode')
  }

  /** The attributes of something made now, with the type and permission bits that are given. */
  attributes(mode: number): Attributes {
    const nowMs = this.nowMs
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
    return { mode, uid, gid, atimeMs: nowMs, mtimeMs: nowMs, ctimeMs: nowMs, birthtimeMs: nowMs }
  }

  /** Six letters and digits that no other name of the schedule has. */
  uniqueSuffix(): string {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    const number = this.#simulation.count('temporary folder')
    return Array.from({ length: 6 }, (_, place) => {
      return letters[keyedHash(this.#simulation.seed, `temporary folder ${number}`, place) % letters.length]
    }).join('')
  }

  #realDisk(): RealDisk {
    const processes = new ProcessFolders(this.#simulation, this)
    return new RealDisk(active.real.nativeFs, epochMs, () => this.nextNumber(), processes)
  }

  #existing(path: string): Inode | undefined {
    try {
      return find(this.root, path, { last: 'follow' })
    } catch (error) {
      if (error instanceof Failure) return undefined
      throw error
    }
  }

  /** Makes the folders that a path leads through, where they are missing. */
  #withFoldersOf(path: string): Folder {
    const above = path.slice(0, path.lastIndexOf('/'))
    if (above === '' || this.#existing(above) !== undefined) return this.root
    const { folder, name } = locate(this.#withFoldersOf(above), above, { last: 'follow' })
    folder.set(name, new Folder(this.nextNumber(), this.attributes(0o040755)))
    return this.root
  }
}

/** The files that somebody has looked at, by one of their paths. */
function* filesBelow(folder: Folder | undefined): Generator<{ path: string; file: RegularFile }> {
  if (folder === undefined) return
  for (const [name, inode] of folder.known()) {
    const path = folder.parent === folder ? `/${name}` : `${folder.path}/${name}`
    if (inode.kind === 'folder') yield* filesBelow(inode)
    else if (inode.kind === 'file') yield { path, file: inode }
  }
}
