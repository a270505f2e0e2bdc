import { Lane } from '../core/lane.ts'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import type { Place } from './file-tree.ts'
import type { Folder, Inode } from './inode.ts'

/** What watchers hear: a name came or went, or what is behind it changed. */
export type WatchEvent = 'rename' | 'change'

/** One `fs.watch` of a file or a folder. */
export class FileWatcher implements Holding {
  readonly kind = 'watcher'
  readonly what: string
  readonly node: SimNode
  readonly inode: Inode
  /** The last part of the path that is watched; what is told when the inode itself changes. */
  readonly ownName: string
  readonly lane: Lane
  readonly tell: (event: WatchEvent, name: string) => void
  /** The event that waits at the end of the lane; the kernel tells the same thing only once. */
  last: string | undefined
  #isReferenced = true
  readonly #close: (watcher: FileWatcher) => void

  constructor(watching: {
    path: string
    inode: Inode
    lane: Lane
    tell(event: WatchEvent, name: string): void
    close(watcher: FileWatcher): void
  }) {
    this.what = `a watcher of ${watching.path}`
    this.ownName = watching.path.split('/').findLast((part) => part !== '') ?? ''
    this.inode = watching.inode
    this.lane = watching.lane
    this.node = watching.lane.node
    this.tell = watching.tell
    this.#close = watching.close
  }

  get keepsAlive(): boolean {
    return this.#isReferenced
  }

  get isLeftover(): boolean {
    return this.#isReferenced
  }

  setRef(isReferenced: boolean): void {
    this.#isReferenced = isReferenced
  }

  abandon(): void {
    this.#close(this)
  }

  dispose(): void {
    this.#close(this)
  }
}

/**
 * Who watches what. Events follow inotify and what libuv makes of it; each watcher has a lane of its own, so that it hears
 * them in order, some time after they happened.
 */
export class FileWatchers {
  readonly #simulation: Simulation
  readonly #watchers = new Set<FileWatcher>()

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  watch(path: string, inode: Inode, tell: FileWatcher['tell']): FileWatcher {
    const { node } = this.#simulation
    const lane = new Lane(`watch#${this.#simulation.count('watch')}`, node, 'poll')
    const watcher = new FileWatcher({ path, inode, lane, tell, close: (it) => this.close(it) })
    this.#watchers.add(watcher)
    this.#simulation.ledger.add(watcher)
    return watcher
  }

  close(watcher: FileWatcher): void {
    this.#watchers.delete(watcher)
    this.#simulation.cancelAll(watcher.lane)
    this.#simulation.ledger.remove(watcher)
  }

  /** A name came to a folder or left it. */
  named(folder: Folder, name: string): void {
    this.#tellFolder(folder, 'rename', name)
  }

  /** The content or the attributes of an inode changed, by way of this place. */
  changed({ folder, name }: Place, inode: Inode): void {
    this.#tellFolder(folder, 'change', name)
    this.#tellInode(inode, 'change')
  }

  moved(source: Place, target: Place): void {
    this.#tellFolder(source.folder, 'rename', source.name)
    this.#tellFolder(target.folder, 'rename', target.name)
    if (source.inode !== null) this.#tellInode(source.inode, 'rename')
  }

  /** An inode lost one of its names; with the last one, it is gone for its watchers. */
  unnamed(inode: Inode): void {
    if (inode.kind !== 'folder') this.#tellInode(inode, 'change')
    if (inode.links === 0) this.#tellInode(inode, 'rename')
  }

  #tellFolder(folder: Folder, event: WatchEvent, name: string): void {
    for (const watcher of this.#watchers) if (watcher.inode === folder) this.#push(watcher, event, name)
  }

  #tellInode(inode: Inode, event: WatchEvent): void {
    for (const watcher of this.#watchers) if (watcher.inode === inode) this.#push(watcher, event, watcher.ownName)
  }

  #push(watcher: FileWatcher, event: WatchEvent, name: string): void {
    const label = `${event} ${name}`
    if (watcher.last === label && !watcher.lane.isEmpty) return
    watcher.last = label
    this.#simulation.push(watcher.lane, {
      label,
      windowMs: this.#simulation.windowMs,
      ref: watcher.keepsAlive,
      run: () => watcher.tell(event, name),
    })
  }
}
