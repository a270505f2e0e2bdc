import type { SimNode } from '../core/node.ts'

/** A change that the disk has not been told to keep yet. */
interface Unsynced {
  readonly by: SimNode
  readonly position: number
  /** What was written there; for a truncation, nothing. */
  readonly bytes: Uint8Array
  /** The size that a truncation left, else undefined. */
  readonly truncatedTo: number | undefined
}

/**
 * The bytes of a file: as the kernel has them in its page cache, and as the disk under it would have them.
 *
 *     write ──▶ page cache ──fsync──▶ disk
 *               (survives the process)  (survives the machine)
 *
 * What was written since the last fsync is kept as a list of changes, so that a crash of the machine can lose the end of it.
 */
export class FileContent {
  #bytes: Uint8Array
  #size: number
  /** What the disk holds, from the first change after an fsync on. */
  #durable: Uint8Array | undefined
  #unsynced: Unsynced[] = []

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#bytes = bytes
    this.#size = bytes.byteLength
  }

  get size(): number {
    return this.#size
  }

  /** A copy of everything. */
  all(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size))
  }

  /** Copies what is at the position, and tells how many bytes there were. */
  read(position: number, into: Uint8Array): number {
    const bytes = this.#bytes.subarray(Math.min(position, this.#size), Math.min(position + into.byteLength, this.#size))
    into.set(bytes)
    return bytes.byteLength
  }

  write(position: number, bytes: Uint8Array, by: SimNode): void {
    this.#remember({ by, position, bytes: Uint8Array.from(bytes), truncatedTo: undefined })
    this.#put(position, bytes)
  }

  /** Cuts the file, or fills it up with zeros. */
  truncate(size: number, by: SimNode): void {
    this.#remember({ by, position: size, bytes: new Uint8Array(0), truncatedTo: size })
    this.#resize(size)
  }

  sync(): void {
    this.#durable = undefined
    this.#unsynced = []
  }

  /** Whether a crash of the machine could take something away from what a process has written. */
  isUnsynced(by: SimNode): boolean {
    return this.#unsynced.some((change) => change.by === by)
  }

  /**
   * The machine has crashed in the middle of writing out what a process wrote: of its changes since the last fsync some
   * first ones are on the disk, the next one in part, the rest not. `draw` is a number in [0, 2³²) that says where it was.
   */
  tear(by: SimNode, draw: number): void {
    const changes = this.#unsynced
    const weights = changes.map((change) => (change.by === by ? Math.max(1, change.bytes.byteLength) : 0))
    let left = draw % (weights.reduce((sum, weight) => sum + weight, 0) + 1)
    this.#bytes = this.#durable ?? this.#bytes
    this.#size = this.#bytes.byteLength
    this.sync()
    for (const [place, change] of changes.entries()) {
      const weight = weights[place] as number
      if (change.by !== by || left >= weight) this.#apply(change, change.bytes.byteLength)
      else if (left > 0) this.#apply(change, left)
      if (change.by === by) left = Math.max(0, left - weight)
    }
  }

  #apply({ position, bytes, truncatedTo }: Unsynced, length: number): void {
    if (truncatedTo !== undefined) this.#resize(truncatedTo)
    else this.#put(position, bytes.subarray(0, length))
  }

  #remember(change: Unsynced): void {
    this.#durable ??= this.#bytes.slice(0, this.#size)
    this.#unsynced.push(change)
  }

  #put(position: number, bytes: Uint8Array): void {
    const end = position + bytes.byteLength
    if (end > this.#size) this.#resize(end)
    this.#bytes.set(bytes, position)
  }

  /** Grows by doubling, so that appending many times costs no more than writing once. */
  #resize(size: number): void {
    if (size > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#size))
      grown.set(this.#bytes.subarray(0, this.#size))
      this.#bytes = grown
    }
    if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }
}
