import type { ThreadActions, ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise, type Shared } from '../program.ts'

/**
 * A sender and a receiver with a loop of the same length each: a turn in which the buffer is not ready is skipped, so
 * the n-th turn of the receiver does not always get the n-th item.
 */
function skippedTurns(name: string, turns: number, slots: number): Program {
  const [sending, receiving, written, read, first] = [0, 1, 2, 3, 4]
  return {
    name: `CS/${name}`,
    words: 4 + slots,
    mutexes: 1,
    start({ memory, mutexes: [mutex] }) {
      memory[sending] = 1
      const handOver = (thread: ThreadActions, from: number, to: number) => {
        thread.store(memory, from, 0)
        thread.store(memory, to, 1)
      }
      const slot = (thread: ThreadActions, cursor: number) => {
        const at = thread.load(memory, cursor)
        thread.store(memory, cursor, at + 1)
        return first + (at % slots)
      }
      const sender: ThreadBody = (thread) => {
        for (let turn = 0; turn < turns; turn++) {
          thread.lock(mutex!)
          if (thread.load(memory, sending) === 1) {
            thread.store(memory, slot(thread, written), turn)
            handOver(thread, sending, receiving)
          }
          thread.unlock(mutex!)
        }
      }
      const receiver: ThreadBody = (thread) => {
        for (let turn = 0; turn < turns; turn++) {
          thread.lock(mutex!)
          if (thread.load(memory, receiving) === 1) {
            promise(thread.load(memory, slot(thread, read)) === turn, 'items come in the order of the turns')
            handOver(thread, receiving, sending)
          }
          thread.unlock(mutex!)
        }
      }
      return { threads: [sender, receiver] }
    },
  }
}

/** The flag says that something was pushed once, not that something is there. */
const stack: Program = {
  name: 'CS/stack',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [top, pushed] = [0, 1]
    const pusher: ThreadBody = (thread) => {
      for (let turn = 0; turn < 10; turn++) {
        thread.lock(mutex!)
        thread.store(memory, top, thread.load(memory, top) + 1)
        thread.store(memory, pushed, 1)
        thread.unlock(mutex!)
      }
    }
    const popper: ThreadBody = (thread) => {
      for (let turn = 0; turn < 10; turn++) {
        thread.lock(mutex!)
        if (thread.load(memory, pushed) === 1) {
          const height = thread.load(memory, top)
          promise(height > 0, 'the stack holds something')
          thread.store(memory, top, height - 1)
        }
        thread.unlock(mutex!)
      }
    }
    return { threads: [pusher, popper] }
  },
}

/** A condition variable made of a word: the caller holds the mutex. */
function sleepOn(thread: ThreadActions, { memory, mutexes: [mutex] }: Shared, condition: number): void {
  const seen = thread.load(memory, condition)
  thread.unlock(mutex!)
  thread.wait(memory, condition, seen)
  thread.lock(mutex!)
}

/**
 * A buffer of three places, two producers and two consumers of four items each. Whoever sleeps counts itself in, whoever
 * signals looks only whether the buffer was empty or full: one signal for two sleepers.
 */
const boundedBuffer: Program = {
  name: 'Inspect_benchmarks/boundedBuffer',
  words: 3,
  mutexes: 1,
  start(shared) {
    const { memory, mutexes } = shared
    const [filled, notEmpty, notFull] = [0, 1, 2]
    const [mutex] = mutexes
    const transfer =
      (blockedAt: number, own: number, others: number, change: number): ThreadBody =>
      (thread) => {
        for (let item = 0; item < 4; item++) {
          thread.lock(mutex!)
          while (thread.load(memory, filled) === blockedAt) sleepOn(thread, shared, own)
          const before = thread.load(memory, filled)
          thread.store(memory, filled, before + change)
          if (before === 3 - blockedAt) {
            thread.add(memory, others, 1)
            thread.notify(memory, others, 1)
          }
          thread.unlock(mutex!)
        }
      }
    const producer = transfer(3, notFull, notEmpty, 1)
    const consumer = transfer(0, notEmpty, notFull, -1)
    return { threads: [producer, producer, consumer, consumer] }
  },
}

export const programs: readonly Program[] = [
  skippedTurns('circular_buffer', 7, 10),
  skippedTurns('queue', 20, 20),
  stack,
  boundedBuffer,
]
