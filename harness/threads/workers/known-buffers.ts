import { NotOnWorkers } from './not-on-workers.ts'

/**
 * The shared buffers that a worker knows in a schedule, by numbers that can be sent: those of `setup` from 0 on, in the order
 * in which they were made, and those that the worker has made itself from -1 down.
 */
export class KnownBuffers {
  readonly #ofSetup: readonly SharedArrayBuffer[]
  readonly #own: SharedArrayBuffer[] = []

  constructor(ofSetup: readonly SharedArrayBuffer[]) {
    this.#ofSetup = ofSetup
  }

  /** The worker has made one. */
  made(buffer: SharedArrayBuffer): void {
    this.#own.push(buffer)
  }

  numberOf(buffer: ArrayBufferLike): number {
    const number = this.#ofSetup.indexOf(buffer as SharedArrayBuffer)
    if (number >= 0) return number
    const own = this.#own.indexOf(buffer as SharedArrayBuffer)
    if (own >= 0) return -own - 1
    throw new NotOnWorkers('a thread gets shared memory that another one has made; make it in setup')
  }

  at(number: number): SharedArrayBuffer {
    return (number < 0 ? this.#own[-number - 1] : this.#ofSetup[number])!
  }
}
