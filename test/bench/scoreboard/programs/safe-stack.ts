import type { ThreadActions, ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise } from '../program.ts'

const [head, count, next, values] = [0, 1, 2, 5]
const rounds = 2

/** How often a thread tries to pop before it gives up; a thread that is starved of elements would try for ever. */
const triesMax = 30

/** Vyukov's stack of indices without a lock: three threads can come to own the same element. */
const safeStack: Program = {
  name: 'SafeStack',
  words: 8,
  mutexes: 0,
  start({ memory }) {
    memory.set([0, 3, 1, 2, -1])
    return { threads: [owner(memory, 1), owner(memory, 2), owner(memory, 3)] }
  },
}

function owner(memory: Int32Array, self: number): ThreadBody {
  return (thread) => {
    for (let round = 0; round < rounds; round++) {
      const element = pop(thread, memory)
      if (element === -1) return
      thread.store(memory, values + element, self)
      promise(thread.load(memory, values + element) === self, 'an element has one owner')
      push(thread, memory, element)
    }
  }
}

/** The index of the element that was taken, -1 when all tries failed. */
function pop(thread: ThreadActions, memory: Int32Array): number {
  for (let tries = 0; tries < triesMax; tries++) {
    if (thread.load(memory, count) <= 1) continue
    const top = thread.load(memory, head)
    const below = thread.exchange(memory, next + top, -1)
    if (below < 0) continue
    if (thread.compareExchange(memory, head, top, below) === top) {
      thread.add(memory, count, -1)
      return top
    }
    thread.exchange(memory, next + top, below)
  }
  return -1
}

function push(thread: ThreadActions, memory: Int32Array, element: number): void {
  let top = thread.load(memory, head)
  for (;;) {
    thread.store(memory, next + element, top)
    const found = thread.compareExchange(memory, head, top, element)
    if (found === top) break
    top = found
  }
  thread.add(memory, count, 1)
}

export const programs: readonly Program[] = [safeStack]
