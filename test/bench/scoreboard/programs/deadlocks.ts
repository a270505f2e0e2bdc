import type { Mutex } from '../../../../harness/threads/engine.ts'
import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, times } from '../program.ts'

/** Two threads take two locks in opposite orders. */
const oppositeOrders: Program = {
  name: 'CS/deadlock01',
  words: 1,
  mutexes: 2,
  start({ memory, mutexes: [one, two] }) {
    const both =
      (outer: Mutex, inner: Mutex): ThreadBody =>
      (thread) => {
        thread.lock(outer)
        thread.lock(inner)
        thread.store(memory, 0, thread.load(memory, 0) + 1)
        thread.unlock(inner)
        thread.unlock(outer)
      }
    return { threads: [both(one!, two!), both(two!, one!)] }
  },
}

/** The first member of a class takes a lock while it holds another one, and the last member gives it back. */
const carter: Program = {
  name: 'CS/carter01',
  words: 2,
  mutexes: 2,
  start({ memory, mutexes: [counts, shared] }) {
    const member =
      (kind: number): ThreadBody =>
      (thread) => {
        thread.lock(counts!)
        thread.store(memory, kind, thread.load(memory, kind) + 1)
        if (thread.load(memory, kind) === 1) thread.lock(shared!)
        thread.unlock(counts!)
        thread.lock(counts!)
        thread.store(memory, kind, thread.load(memory, kind) - 1)
        if (thread.load(memory, kind) === 0) thread.unlock(shared!)
        thread.unlock(counts!)
      }
    const idle: ThreadBody = () => {}
    return { threads: [member(0), member(1), ...times(2, idle)] }
  },
}

/** A reader enters a read-write lock a second time while a writer waits, and the writer has precedence. */
const reentrantReader: Program = {
  name: 'RADBench/bug6',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [readers, waiting, change] = [0, 1, 2]
    const until =
      (ready: () => boolean): ThreadBody =>
      (thread) => {
        while (!ready()) {
          const seen = thread.load(memory, change)
          thread.unlock(mutex!)
          thread.wait(memory, change, seen)
          thread.lock(mutex!)
        }
      }
    const changed: ThreadBody = (thread) => {
      thread.add(memory, change, 1)
      thread.notify(memory, change)
    }
    const enter: ThreadBody = (thread) => {
      thread.lock(mutex!)
      until(() => thread.load(memory, waiting) === 0)(thread)
      thread.store(memory, readers, thread.load(memory, readers) + 1)
      thread.unlock(mutex!)
    }
    const leave: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, readers, thread.load(memory, readers) - 1)
      changed(thread)
      thread.unlock(mutex!)
    }
    const reader: ThreadBody = (thread) => {
      for (const step of [enter, enter, leave, leave]) step(thread)
    }
    const writer: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, waiting, 1)
      until(() => thread.load(memory, readers) === 0)(thread)
      thread.store(memory, waiting, 0)
      changed(thread)
      thread.unlock(mutex!)
    }
    return { threads: [reader, writer] }
  },
}

export const programs: readonly Program[] = [oppositeOrders, carter, reentrantReader]
