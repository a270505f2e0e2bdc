import { type Access, type Operation, Parked } from './operation.ts'
import { type Integer, type IntegerArray, real } from './real-atomics.ts'
import { Rereads } from './rereads.ts'
import { WordOperation } from './word-operations.ts'

interface Waiter {
  /** Where it is told that it was called. */
  readonly place: number
  notified: boolean
  /** Where the tasks of its event loop line up that were called; left out for a thread. */
  readonly line?: Access
  /** How many were called before, itself included; 0 until it is. */
  turn: number
}

/** A task of an event loop that sleeps until a word is notified. */
export interface SleepingTask {
  /** The queue in which it stands. */
  readonly queue: Access
  /** Where it is told that it was called. */
  readonly call: Access
  /** Where those line up that were called, of all tasks of the event loop. */
  readonly line: Access
  /** How many were called before, itself included; 0 until it is. */
  turn(): number
  /** It leaves the queue, because its time is over. */
  leave(): void
}

/** A buffer that was used in the schedule. */
interface EnteredBuffer {
  readonly buffer: ArrayBufferLike
  /** Where it begins. */
  readonly base: number
  /** How many bytes wide the element was that was used first. */
  readonly width: number
}

/** An array on shared memory, whose elements are known to be words. */
interface View {
  readonly array: IntegerArray
  /** Where it begins. */
  readonly base: number
  /** How many bytes wide its elements are. */
  readonly width: number
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
  readonly #entered: EnteredBuffer[] = []
  /** By the word at which they sleep; null until somebody does. */
  #waiters: Map<number, Waiter[]> | null = null
  readonly #rereads: Rereads[] = []
  readonly #lines: Access[] = []
  /** What each thread used last: code mostly uses the same again. */
  readonly #views: View[] = []
  #calls = 0
  #bytes = 0
  #places = 0
  #mayRace = false

  /**
   * Whether operations were declared that are not all atomic, or on elements of unlike widths in one buffer. There is no race
   * otherwise.
   */
  get mayRace(): boolean {
    return this.#mayRace
  }

  /** A new mutex, held by nobody. */
  mutex(): Mutex {
    return { place: this.place(), owner: null }
  }

  /** A new condition variable, that nobody waits for. */
  condition(): Condition {
    return { place: this.place(), waiters: [] }
  }

  semaphore(permits: number): Semaphore {
    return { place: this.place(), permits }
  }

  /** An atomic load; a plain one is of the kind `read`. */
  load(thread: number, array: IntegerArray, index: number, kind: 'load' | 'read' = 'load'): Operation {
    if (kind === 'read') this.#mayRace = true
    const rereads = this.rereadsOf(thread)
    const access = this.#word(thread, array, index, false)
    return rereads.delayed(WordOperation.load(kind, access, { thread, array, index, rereads }))
  }

  /** An atomic store; a plain one is of the kind `write`. */
  store(
    thread: number,
    array: IntegerArray,
    index: number,
    value: Integer,
    kind: 'store' | 'write' = 'store',
  ): Operation {
    if (kind === 'write') this.#mayRace = true
    const word = { thread, array, index, rereads: this.rereadsOf(thread) }
    return WordOperation.store(kind, this.#word(thread, array, index, true), word, value)
  }

  /**
   * A read and a write in one step: `add`, `exchange`, `compareExchange` and the like. Answers what was there. An exchange
   * that is made only where `expected` is found misses otherwise.
   */
  update(thread: number, array: IntegerArray, index: number, change: () => Integer, expected?: Integer): Operation {
    const rereads = this.rereadsOf(thread)
    const word = { thread, array, index, rereads }
    const access = this.#word(thread, array, index, true)
    return rereads.delayed(WordOperation.update(access, word, change, expected))
  }

  wait(thread: number, array: IntegerArray, index: number, value: Integer, timeoutMs: number): Operation {
    // Throws for arrays that cannot be waited on, and does nothing else.
    real.notify(array, index, 0)
    const word = this.#word(thread, array, index, false)
    const accesses = [word, queueAt(word.from)]
    let reached: readonly Access[] = accesses
    const perform = () => {
      if (real.load(array, index) === value && timeoutMs > 0) return this.#park(thread, word.from, timeoutMs)
      reached = [word]
      return real.load(array, index) === value ? 'timed-out' : 'not-equal'
    }
    return { kind: 'wait', thread, accesses, reached: () => reached, enabled: always, perform }
  }

  /** Like a wait, by a task of an event loop, which does not block its thread: answers what `asleep` makes of the task. */
  waitAsync(
    { thread, array, index }: { thread: number; array: IntegerArray; index: number },
    value: Integer,
    timeoutMs: number,
    asleep: (task: SleepingTask) => unknown,
  ): Operation {
    // Throws for arrays that cannot be waited on, and does nothing else.
    real.notify(array, index, 0)
    const word = this.#word(thread, array, index, false)
    const queue = queueAt(word.from)
    const accesses = [word, queue]
    let reached: readonly Access[] = accesses
    const perform = () => {
      if (real.load(array, index) === value && timeoutMs > 0) return asleep(this.#sleep(thread, queue, word.from))
      reached = [word]
      return real.load(array, index) === value ? 'timed-out' : 'not-equal'
    }
    return { kind: 'wait', thread, accesses, reached: () => reached, enabled: always, perform }
  }

  notify(thread: number, array: IntegerArray, index: number, count: number): Operation {
    const { from } = this.#word(thread, array, index, false)
    const accesses = [queueAt(from)]
    let called: Waiter[] = []
    const perform = () => {
      called = this.#waitersAt(from).splice(0, count)
      for (const waiter of called) {
        waiter.notified = true
        waiter.turn = ++this.#calls
      }
      return called.length
    }
    // Who finds nobody has only looked, and who is called sees nothing of the queue but that.
    const reached = () => (called.length === 0 ? [looked(accesses[0]!)] : [...accesses, ...called.flatMap(reachedBy)])
    return { kind: 'notify', thread, accesses, reached, enabled: always, perform }
  }

  /** Says that the thread has nothing to do before something changes that it has read since it last said so. */
  yield(thread: number): Operation {
    const rereads = this.rereadsOf(thread)
    const perform = () => rereads.clear()
    return rereads.untilChange({ kind: 'yield', thread, accesses: [], enabled: always, perform })
  }

  /** Bytes of a view, for plain accesses: `from` and `to` count from its beginning; where they lie in the memory of the schedule. */
  bytes(view: ArrayBufferView, { from, to, writes }: Access): Access {
    this.#mayRace = true
    const begin = this.#placed(view.buffer, 1).base + view.byteOffset
    return { from: begin + from, to: begin + to, writes }
  }

  /** What a thread has read and not changed. */
  rereadsOf(thread: number): Rereads {
    this.#rereads[thread] ??= new Rereads()
    return this.#rereads[thread]
  }

  #park(thread: number, address: number, timeoutMs: number): Parked {
    const waiter: Waiter = { place: this.place(), notified: false, turn: 0 }
    this.#waitersAt(address).push(waiter)
    const accesses = [queueAt(address)]
    const enabled = () => waiter.notified || timeoutMs !== Number.POSITIVE_INFINITY
    const perform = () => {
      if (waiter.notified) return 'ok'
      const waiters = this.#waitersAt(address)
      waiters.splice(waiters.indexOf(waiter), 1)
      return 'timed-out'
    }
    const reached = () => (waiter.notified ? [looked(callTo(waiter))] : [...accesses, callTo(waiter)])
    return new Parked({ kind: 'wake', thread, accesses, reached, enabled, perform })
  }

  #sleep(thread: number, queue: Access, address: number): SleepingTask {
    const line = this.#lineOf(thread)
    const waiter: Waiter = { place: this.place(), notified: false, line, turn: 0 }
    const waiters = this.#waitersAt(address)
    waiters.push(waiter)
    return {
      queue,
      call: callTo(waiter),
      line,
      turn: () => waiter.turn,
      leave: () => void waiters.splice(waiters.indexOf(waiter), 1),
    }
  }

  /** Node wakes the tasks of an event loop in the order in which they were called, so that calls to one loop have an order. */
  #lineOf(thread: number): Access {
    const from = this.#lines[thread]?.from ?? this.place()
    this.#lines[thread] ??= { from, to: from + 1, writes: true }
    return this.#lines[thread]
  }

  /** Throws what `Atomics` throws when the array or the index is none for them. */
  #word(thread: number, array: IntegerArray, index: number, writes: boolean): Access {
    const { base, width } = this.#viewOf(thread, array, index)
    const from = base + index * width
    return { from, to: from + width, writes }
  }

  #viewOf(thread: number, array: IntegerArray, index: number): View {
    const last = this.#views[thread]
    const isKnown = last?.array === array && index >>> 0 === index && index < array.length
    return isKnown ? last : this.#view(thread, array, index)
  }

  #view(thread: number, array: IntegerArray, index: number): View {
    real.load(array, index)
    const width = array.BYTES_PER_ELEMENT
    const entered = this.#placed(array.buffer, width)
    if (entered.width !== width) this.#mayRace = true
    const view = { array, base: entered.base + array.byteOffset, width }
    this.#views[thread] = view
    return view
  }

  /** Buffers are numbered by their first use, which a schedule repeats exactly. */
  #placed(buffer: ArrayBufferLike, width: number): EnteredBuffer {
    for (const entered of this.#entered) if (entered.buffer === buffer) return entered
    return this.#enter(buffer, width)
  }

  #enter(buffer: ArrayBufferLike, width: number): EnteredBuffer {
    const entered = { buffer, base: this.#bytes, width }
    this.#entered.push(entered)
    this.#bytes += (buffer.byteLength + 7) & ~7
    return entered
  }

  /** Where something lies that is not memory: queues of waiters are at odd negative places, all else at even ones. */
  place(): number {
    return -2 * ++this.#places
  }

  #waitersAt(address: number): Waiter[] {
    this.#waiters ??= new Map()
    const waiters = this.#waiters.get(address) ?? []
    this.#waiters.set(address, waiters)
    return waiters
  }
}

function queueAt(address: number): Access {
  const from = -2 * address - 1
  return { from, to: from + 1, writes: true }
}

/** Where a waiter is told that it was called. */
function callTo({ place }: Waiter): Access {
  return { from: place, to: place + 1, writes: true }
}

/** What a call of a waiter reaches. */
function reachedBy(waiter: Waiter): Access[] {
  return waiter.line === undefined ? [callTo(waiter)] : [callTo(waiter), waiter.line]
}

function looked({ from, to }: Access): Access {
  return { from, to, writes: false }
}

function always(): boolean {
  return true
}
