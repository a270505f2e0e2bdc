/** The bytes of all shared buffers at one moment. */
export type MemoryImage = readonly Uint8Array[]

/** All shared buffers of a schedule, in the order in which they were made. */
export class SharedMemory {
  readonly #buffers: Uint8Array[] = []

  add(buffer: SharedArrayBuffer): void {
    this.#buffers.push(new Uint8Array(buffer))
  }

  image(): MemoryImage {
    return this.#buffers.map((bytes) => bytes.slice())
  }

  /** Makes the buffers that an image shows what they were; those that were made later stay as they are. */
  restore(image: MemoryImage): void {
    for (let at = 0; at < image.length; at++) this.#buffers[at]!.set(image[at]!)
  }
}
