import { type Access, type Operation, type OperationKind, Parked } from './operation.ts'

/** The typed arrays that `Atomics.wait` accepts. */
export type WaitableArray = Int32Array | BigInt64Array

/** The typed arrays that `Atomics` accepts. */
export type IntegerArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array

interface Waiter {
  notified: boolean
}

/** A mutex for small programs; it is taken and released by operations of the engine. */
export interface Mutex {
  readonly place: number
  owner: number | null
}

/**
 * The memory and the waiters of one schedule: sequentially consistent, over the program's own shared buffers. Makes the
 * operations that threads declare; whoever schedules decides when each is performed.
 *
 * A wait with a time-out may end at any step, as a machine may stop any thread for as long as it likes.
 */
export class Engine {
  readonly #bases = new Map<ArrayBufferLike, number>()
  readonly #waiters = new Map<number, Waiter[]>()
  #bytes = 0
  #places = 0

  /** A new mutex, held by nobody. */
  mutex(): Mutex {
    // Queues of waiters lie at odd negative places, mutexes at even ones.
    return { place: -2 * ++this.#places, owner: null }
  }

  load(thread: number, array: IntegerArray, index: number): Operation {
    return this.#memory('load', thread, array, index, false, () => Atomics.load(array, index))
  }

  store(thread: number, array: IntegerArray, index: number, value: number): Operation {
    return this.#memory('store', thread, array, index, true, () => Atomics.store(array, index, value))
  }

  /** A read and a write in one step: `add`, `exchange`, `compareExchange` and the like. */
  update(thread: number, array: IntegerArray, index: number, change: () => number): Operation {
    return this.#memory('update', thread, array, index, true, change)
  }

  wait(thread: number, array: Int32Array, index: number, value: number, timeoutMs: number): Operation {
    const word = this.#word(array, index, false)
    const queue = queueAt(word.from)
    const perform = () =>
      Atomics.load(array, index) === value ? this.#park(thread, word.from, timeoutMs) : 'not-equal'
    return { kind: 'wait', thread, accesses: [word, queue], enabled: always, perform }
  }

  notify(thread: number, array: Int32Array, index: number, count: number): Operation {
    const { from } = this.#word(array, index, false)
    const perform = () => {
      const called = this.#waitersAt(from).splice(0, count)
      for (const waiter of called) waiter.notified = true
      return called.length
    }
    return { kind: 'notify', thread, accesses: [queueAt(from)], enabled: always, perform }
  }

  lock(thread: number, mutex: Mutex): Operation {
    const enabled = () => mutex.owner === null
    const perform = () => {
      mutex.owner = thread
    }
    return { kind: 'lock', thread, accesses: [placeOf(mutex)], enabled, perform }
  }

  /** Throws when the thread does not hold the mutex. */
  unlock(thread: number, mutex: Mutex): Operation {
    const perform = () => {
      if (mutex.owner !== thread) {
        throw new Error(`thread ${thread} releases a mutex held by ${mutex.owner ?? 'nobody'}`)
      }
      mutex.owner = null
    }
    return { kind: 'unlock', thread, accesses: [placeOf(mutex)], enabled: always, perform }
  }

  #park(thread: number, address: number, timeoutMs: number): Parked {
    const waiter: Waiter = { notified: false }
    this.#waitersAt(address).push(waiter)
    const enabled = () => waiter.notified || timeoutMs !== Number.POSITIVE_INFINITY
    const perform = () => {
      if (waiter.notified) return 'ok'
      const waiters = this.#waitersAt(address)
      waiters.splice(waiters.indexOf(waiter), 1)
      return 'timed-out'
    }
    return new Parked({ kind: 'wake', thread, accesses: [queueAt(address)], enabled, perform })
  }

  #memory(
    kind: OperationKind,
    thread: number,
    array: IntegerArray,
    index: number,
    writes: boolean,
    perform: () => number,
  ): Operation {
    return { kind, thread, accesses: [this.#word(array, index, writes)], enabled: always, perform }
  }

  #word(array: IntegerArray, index: number, writes: boolean): Access {
    const from = this.#baseOf(array.buffer) + array.byteOffset + index * array.BYTES_PER_ELEMENT
    return { from, to: from + array.BYTES_PER_ELEMENT, writes }
  }

  /** Buffers are numbered by their first use, which a schedule repeats exactly. */
  #baseOf(buffer: ArrayBufferLike): number {
    const known = this.#bases.get(buffer)
    if (known !== undefined) return known
    const base = this.#bytes
    this.#bases.set(buffer, base)
    this.#bytes += (buffer.byteLength + 7) & ~7
    return base
  }

  #waitersAt(address: number): Waiter[] {
    const waiters = this.#waiters.get(address) ?? []
    this.#waiters.set(address, waiters)
    return waiters
  }
}

function queueAt(address: number): Access {
  const from = -2 * address - 1
  return { from, to: from + 1, writes: true }
}

function placeOf({ place }: Mutex): Access {
  return { from: place, to: place + 1, writes: true }
}

function always(): boolean {
  return true
}
