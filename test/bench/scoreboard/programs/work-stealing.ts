import type { ThreadActions, ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise } from '../program.ts'

const [head, tail, mask, state, lock, slots] = [0, 1, 2, 3, 4, 5]
const places = 4
const done = slots + 2 * places
const items = 4

/** How a queue is guarded, and what it keeps beside its cursors. */
interface Variant {
  readonly name: string
  readonly stealers: number
  /** Locks by an exchanged word instead of a mutex. */
  readonly exchanges: boolean
  /** Counts its operations in a word of its own. */
  readonly counts: boolean
}

/**
 * A deque of Cilk: the owner works at the tail, thieves at the head under a lock. `push` believes that there is one more
 * place than there is, so that an item can be written over one that is being stolen.
 */
function workStealing({ name, stealers, exchanges, counts }: Variant): Program {
  return {
    name: `Chess/${name}`,
    words: done + items,
    mutexes: 1,
    start({ memory, mutexes: [mutex] }) {
      memory[mask] = 1
      const queue = new StealingQueue(memory, {
        enter: exchanges ? (thread) => exchangeIn(thread, memory) : (thread) => thread.lock(mutex!),
        leave: exchanges ? (thread) => exchangeOut(thread, memory) : (thread) => thread.unlock(mutex!),
        note: counts ? (thread) => thread.add(memory, state, 1) : () => {},
      })
      const thief: ThreadBody = (thread) => {
        for (let turn = 0; turn < 2; turn++) finish(thread, memory, queue.steal(thread))
      }
      const threads = [owner(memory, queue), ...Array.from({ length: stealers }, () => thief)]
      const final = () =>
        promise(
          memory.subarray(done).every((times) => times === 1),
          'every item is done once',
        )
      return { threads, final }
    },
  }
}

function owner(memory: Int32Array, queue: StealingQueue): ThreadBody {
  return (thread) => {
    for (let item = 1; item <= items; item += 2) {
      queue.push(thread, item)
      queue.push(thread, item + 1)
      finish(thread, memory, queue.pop(thread))
    }
    for (let turn = 0; turn < 2; turn++) finish(thread, memory, queue.pop(thread))
  }
}

/** An item is a number from 1 on; 0 is none. */
function finish(thread: ThreadActions, memory: Int32Array, item: number): void {
  if (item > 0) thread.add(memory, done + item - 1, 1)
}

function exchangeIn(thread: ThreadActions, memory: Int32Array): void {
  while (thread.exchange(memory, lock, 1) === 1) thread.wait(memory, lock, 1)
}

function exchangeOut(thread: ThreadActions, memory: Int32Array): void {
  thread.store(memory, lock, 0)
  thread.notify(memory, lock)
}

interface Guard {
  enter(thread: ThreadActions): void
  leave(thread: ThreadActions): void
  note(thread: ThreadActions): void
}

class StealingQueue {
  readonly #memory: Int32Array
  readonly #guard: Guard

  constructor(memory: Int32Array, guard: Guard) {
    this.#memory = memory
    this.#guard = guard
  }

  push(thread: ThreadActions, item: number): void {
    const end = thread.load(this.#memory, tail)
    // The seeded bug: one place too many.
    if (end < thread.load(this.#memory, head) + thread.load(this.#memory, mask) + 1) {
      thread.store(this.#memory, this.#slot(thread, end), item)
      thread.store(this.#memory, tail, end + 1)
    } else this.#guarded(thread, () => this.#pushAndGrow(thread, item))
    this.#guard.note(thread)
  }

  pop(thread: ThreadActions): number {
    this.#guard.note(thread)
    const last = thread.load(this.#memory, tail) - 1
    thread.store(this.#memory, tail, last)
    if (thread.load(this.#memory, head) <= last) return thread.load(this.#memory, this.#slot(thread, last))
    thread.store(this.#memory, tail, last + 1)
    return this.#guarded(thread, () => this.#popAlone(thread))
  }

  steal(thread: ThreadActions): number {
    this.#guard.note(thread)
    return this.#guarded(thread, () => {
      const first = thread.load(this.#memory, head)
      thread.store(this.#memory, head, first + 1)
      if (first < thread.load(this.#memory, tail)) return thread.load(this.#memory, this.#slot(thread, first))
      thread.store(this.#memory, head, first)
      return 0
    })
  }

  #popAlone(thread: ThreadActions): number {
    const last = thread.load(this.#memory, tail) - 1
    thread.store(this.#memory, tail, last)
    const first = thread.load(this.#memory, head)
    if (first <= last) return thread.load(this.#memory, this.#slot(thread, last))
    thread.store(this.#memory, head, 0)
    thread.store(this.#memory, tail, 0)
    return 0
  }

  #pushAndGrow(thread: ThreadActions, item: number): void {
    const memory = this.#memory
    const first = thread.load(memory, head)
    const length = thread.load(memory, tail) - first
    const kept = Array.from({ length }, (_, at) => thread.load(memory, this.#slot(thread, first + at)))
    thread.store(memory, mask, 2 * places - 1)
    kept.forEach((other, at) => {
      thread.store(memory, slots + at, other)
    })
    thread.store(memory, head, 0)
    thread.store(memory, slots + length, item)
    thread.store(memory, tail, length + 1)
  }

  #slot(thread: ThreadActions, position: number): number {
    return slots + (position & thread.load(this.#memory, mask))
  }

  #guarded<T>(thread: ThreadActions, run: () => T): T {
    this.#guard.enter(thread)
    const result = run()
    this.#guard.leave(thread)
    return result
  }
}

export const programs: readonly Program[] = [
  workStealing({ name: 'WorkStealQueue', stealers: 1, exchanges: false, counts: false }),
  workStealing({ name: 'InterlockedWorkStealQueue', stealers: 1, exchanges: true, counts: false }),
  workStealing({ name: 'StateWorkStealQueue', stealers: 2, exchanges: false, counts: true }),
  workStealing({ name: 'InterlockedWorkStealQueueWithState', stealers: 1, exchanges: true, counts: true }),
]
