import { type Access, type Operation, type OperationKind, Parked } from './operation.ts'
import { type Integer, type IntegerArray, real } from './real-atomics.ts'
import { Rereads } from './rereads.ts'

interface Waiter {
  notified: boolean
}

/** A mutex for small programs; it is taken and released by operations. */
export interface Mutex {
  readonly place: number
  owner: number | null
}

/** A condition variable for small programs: threads wait here for a signal, without the mutex they came with. */
export interface Condition {
  readonly place: number
  readonly waiters: { signalled: boolean }[]
}

/** A counting semaphore for small programs. */
export interface Semaphore {
  readonly place: number
  permits: number
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
  readonly #rereads: Rereads[] = []
  #bytes = 0
  #places = 0

  /** A new mutex, held by nobody. */
  mutex(): Mutex {
    return { place: this.#place(), owner: null }
  }

  /** A new condition variable, that nobody waits for. */
  condition(): Condition {
    return { place: this.#place(), waiters: [] }
  }

  semaphore(permits: number): Semaphore {
    return { place: this.#place(), permits }
  }

  /** An atomic load; a plain one is of the kind `read`. */
  load(thread: number, array: IntegerArray, index: number, kind: 'load' | 'read' = 'load'): Operation {
    const word = this.#word(array, index, false)
    const now = () => real.load(array, index)
    const perform = () => {
      const value = now()
      this.rereadsOf(thread).note(word, value, now)
      return value
    }
    return this.rereadsOf(thread).delayed({ kind, thread, accesses: [word], enabled: always, perform })
  }

  /** An atomic store; a plain one is of the kind `write`. */
  store(
    thread: number,
    array: IntegerArray,
    index: number,
    value: Integer,
    kind: 'store' | 'write' = 'store',
  ): Operation {
    const perform = () => {
      this.rereadsOf(thread).clear()
      return real.store(array, index, value)
    }
    return this.#memory(kind, thread, array, index, perform)
  }

  /** A read and a write in one step: `add`, `exchange`, `compareExchange` and the like. Answers what was there. */
  update(thread: number, array: IntegerArray, index: number, change: () => Integer): Operation {
    const now = () => real.load(array, index)
    const perform = () => {
      const before = change()
      if (now() === before) this.rereadsOf(thread).note(this.#word(array, index, false), before, now)
      else this.rereadsOf(thread).clear()
      return before
    }
    return this.rereadsOf(thread).delayed({ ...this.#memory('update', thread, array, index, perform), now })
  }

  wait(thread: number, array: IntegerArray, index: number, value: Integer, timeoutMs: number): Operation {
    const word = this.#word(array, index, false)
    const queue = queueAt(word.from)
    const perform = () => (real.load(array, index) === value ? this.#park(thread, word.from, timeoutMs) : 'not-equal')
    return { kind: 'wait', thread, accesses: [word, queue], enabled: always, perform }
  }

  notify(thread: number, array: IntegerArray, index: number, count: number): Operation {
    const { from } = this.#word(array, index, false)
    const perform = () => {
      const called = this.#waitersAt(from).splice(0, count)
      for (const waiter of called) waiter.notified = true
      return called.length
    }
    return { kind: 'notify', thread, accesses: [queueAt(from)], enabled: always, perform }
  }

  /** Says that the thread has nothing to do before something changes that it has read since it last said so. */
  yield(thread: number): Operation {
    const rereads = this.rereadsOf(thread)
    const perform = () => rereads.clear()
    return rereads.untilChange({ kind: 'yield', thread, accesses: [], enabled: always, perform })
  }

  /** What a thread has read and not changed. */
  rereadsOf(thread: number): Rereads {
    this.#rereads[thread] ??= new Rereads()
    return this.#rereads[thread]
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

  #memory(kind: OperationKind, thread: number, array: IntegerArray, index: number, perform: () => Integer): Operation {
    return { kind, thread, accesses: [this.#word(array, index, true)], enabled: always, perform }
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

  /** Where something lies that is not memory: queues of waiters are at odd negative places, all else at even ones. */
  #place(): number {
    return -2 * ++this.#places
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

function always(): boolean {
  return true
}
