import { constants } from 'node:fs'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import { Failure } from './failure.ts'
import type { Place } from './file-tree.ts'
import type { Inode } from './inode.ts'

/** How a file may be used, by the bits of the flags that it was opened with. */
const accessBits = constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR

/** The file system, as far as an open file knows it. */
interface Owner {
  close(file: OpenFile): void
  interrupt(node: SimNode): void
}

/** One opening of a file: what a file descriptor stands for. */
export class OpenFile implements Holding {
  readonly kind = 'file'
  readonly keepsAlive = false
  readonly isLeftover = true
  readonly fd: number
  readonly inode: Inode
  readonly node: SimNode
  /** Its path at the opening, as the code under test gave it. */
  readonly path: string
  /** Where it was found; watchers of that folder hear of changes. */
  readonly place: Place
  /** Where the next read or write without a position happens. */
  position = 0
  readonly #flags: number
  readonly #owner: Owner

  constructor(opening: {
    fd: number
    inode: Inode
    node: SimNode
    path: string
    place: Place
    flags: number
    owner: Owner
  }) {
    this.fd = opening.fd
    this.inode = opening.inode
    this.node = opening.node
    this.path = opening.path
    this.place = opening.place
    this.#flags = opening.flags
    this.#owner = opening.owner
  }

  get what(): string {
    return `descriptor ${this.fd} of ${this.path}`
  }

  get appends(): boolean {
    return (this.#flags & constants.O_APPEND) !== 0
  }

  /** Throws a {@link Failure} unless it was opened for reading. */
  expectReadable(): void {
    if ((this.#flags & accessBits) === constants.O_WRONLY) throw new Failure('EBADF')
  }

  get isWritable(): boolean {
    return (this.#flags & accessBits) !== constants.O_RDONLY
  }

  /** What the process still had under way with its files comes first. */
  abandon(): void {
    this.#owner.interrupt(this.node)
    this.#owner.close(this)
  }

  dispose(): void {
    this.#owner.close(this)
  }
}
