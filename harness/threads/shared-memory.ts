/** Where an image begins among all that were kept. */
export type MemoryImage = number

type Cells = Int32Array | Uint8Array

/** So many words are kept before the first image makes the room larger. */
const roomWords = 4096

/**
 * All shared buffers of a schedule, in the order in which they were made, and images of them: what they held at some
 * moments. Images are made at every step and lie one behind the other in one array, which the next schedule uses again.
 */
export class SharedMemory {
  #buffers: Cells[] = []
  #kept = new Int32Array(roomWords)
  #end = 0

  /** Forgets all buffers and images: a new schedule begins. Images up to a last one are kept, if it will make the same buffers. */
  clear(last: MemoryImage | null = null): void {
    this.#end = last === null ? 0 : last + this.#size
    this.#buffers = []
  }

  add(buffer: SharedArrayBuffer): void {
    const isWords = buffer.byteLength % Int32Array.BYTES_PER_ELEMENT === 0
    this.#buffers.push(isWords ? new Int32Array(buffer) : new Uint8Array(buffer))
  }

  /** In the order in which they were made. */
  get buffers(): readonly SharedArrayBuffer[] {
    return this.#buffers.map((cells) => cells.buffer as SharedArrayBuffer)
  }

  /** Whether a buffer belongs to the schedule. */
  has(buffer: ArrayBufferLike): boolean {
    return this.#buffers.some((cells) => cells.buffer === buffer)
  }

  image(): MemoryImage {
    const image = this.#end
    this.#reserve(this.#size)
    const kept = this.#kept
    kept[this.#end++] = this.#buffers.length
    for (const cells of this.#buffers) {
      copy(cells, 0, kept, this.#end, cells.length)
      this.#end += cells.length
    }
    return image
  }

  /** Makes the buffers that an image shows what they were; those that were made later stay as they are. */
  restore(image: MemoryImage): void {
    const kept = this.#kept
    const buffers = kept[image]!
    let from = image + 1
    for (let at = 0; at < buffers; at++) {
      const cells = this.#buffers[at]!
      copy(kept, from, cells, 0, cells.length)
      from += cells.length
    }
  }

  /** Whether the buffers are what an image shows. */
  is(image: MemoryImage): boolean {
    if (this.#kept[image] !== this.#buffers.length) return false
    let from = image + 1
    for (const cells of this.#buffers) {
      for (let at = 0; at < cells.length; at++) if (cells[at] !== this.#kept[from + at]) return false
      from += cells.length
    }
    return true
  }

  /** Of an image of all buffers. */
  get #size(): number {
    let size = 1
    for (const cells of this.#buffers) size += cells.length
    return size
  }

  #reserve(size: number): void {
    if (this.#end + size <= this.#kept.length) return
    const larger = new Int32Array(2 * (this.#end + size))
    larger.set(this.#kept)
    this.#kept = larger
  }
}

/** A loop, because most memories are small and a view of a part of an array costs more than to copy a few words. */
function copy(from: Cells, fromAt: number, to: Cells, toAt: number, count: number): void {
  for (let at = 0; at < count; at++) to[toAt + at] = from[fromAt + at]!
}
