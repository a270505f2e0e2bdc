import { deserialize, serialize } from 'node:v8'

/** Whose turn it is to read. */
const nobody = 0
const controller = 1
const worker = 2

const headBytes = 8
const roomBytes = 1 << 20

/**
 * One message at a time between the controller of a schedule and a worker, in shared memory: both block while they wait, so
 * that neither needs its event loop. Made of the real `Atomics`, which are taken when this module is loaded.
 */
export class Mailbox {
  readonly buffer: SharedArrayBuffer
  readonly #head: Int32Array
  readonly #body: Uint8Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(headBytes + roomBytes)) {
    this.buffer = buffer
    this.#head = new Int32Array(buffer, 0, 2)
    this.#body = new Uint8Array(buffer, headBytes)
  }

  toController(message: unknown): void {
    this.#put(message, controller)
  }

  toWorker(message: unknown): void {
    this.#put(message, worker)
  }

  /** Blocks until the worker has sent something; undefined when it has not in time. */
  fromWorker(patienceMs: number): unknown {
    return this.#take(controller, patienceMs)
  }

  /** Blocks until the controller has sent something. */
  fromController(): unknown {
    return this.#take(worker, Number.POSITIVE_INFINITY)
  }

  #put(message: unknown, to: number): void {
    const bytes = serialize(message)
    if (bytes.length > this.#body.length) {
      throw new RangeError(
        `expected a message of at most ${roomBytes} bytes between worker and controller, got ${bytes.length}`,
      )
    }
    this.#body.set(bytes)
    this.#head[1] = bytes.length
    real.store(this.#head, 0, to)
    real.notify(this.#head, 0)
  }

  #take(turn: number, patienceMs: number): unknown {
    for (let now = real.load(this.#head, 0); now !== turn; now = real.load(this.#head, 0)) {
      if (real.wait(this.#head, 0, now, patienceMs) === 'timed-out') return undefined
    }
    const message: unknown = deserialize(this.#body.slice(0, this.#head[1]))
    real.store(this.#head, 0, nobody)
    return message
  }
}

const { load, store, wait, notify } = Atomics
const real = { load, store, wait, notify }
