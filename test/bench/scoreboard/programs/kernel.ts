import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise } from '../program.ts'

/** A pointer that is null, an object that is alive, an object that was freed. */
const alive = 1
const freed = 2

/** One thread opens a pipe that the other has already taken away, both under the same lock. */
const pipe: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2009-3547',
  words: 1,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    memory[0] = alive
    const opener: ThreadBody = (thread) => {
      thread.lock(mutex!)
      promise(thread.load(memory, 0) !== 0, 'the pipe is there')
      thread.unlock(mutex!)
    }
    const closer: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, 0, 0)
      thread.unlock(mutex!)
    }
    return { threads: [opener, closer] }
  },
}

/** A scanner keeps a slot of the list after it has let go of the lock; an exit frees the slot. */
const scanner: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2011-2183',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [listed, slot] = [0, 1]
    memory.set([1, alive])
    const scan: ThreadBody = (thread) => {
      thread.lock(mutex!)
      const found = thread.load(memory, listed)
      thread.unlock(mutex!)
      if (found === 1) promise(thread.load(memory, slot) === alive, 'the slot is alive')
    }
    const exit: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, listed, 0)
      thread.unlock(mutex!)
      thread.store(memory, slot, freed)
    }
    return { threads: [scan, exit] }
  },
}

/** Of two keyrings the first is published before the second is there, and only the first is looked at. */
const keyrings: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2013-1792',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [user, session] = [0, 1]
    const install: ThreadBody = (thread) => {
      if (thread.load(memory, user) === 0) {
        thread.lock(mutex!)
        if (thread.load(memory, user) === 0) {
          thread.store(memory, user, alive)
          thread.store(memory, session, alive)
        }
        thread.unlock(mutex!)
      }
      promise(thread.load(memory, session) === alive, 'both keyrings are there')
    }
    return { threads: [install, install] }
  },
}

/** A key is found valid, and revoked before it is read. */
const key: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2015-7550',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [revoked, payload] = [0, 1]
    memory[payload] = alive
    const reader: ThreadBody = (thread) => {
      if (thread.load(memory, revoked) === 1) return
      thread.lock(mutex!)
      promise(thread.load(memory, payload) === alive, 'a valid key has a payload')
      thread.unlock(mutex!)
    }
    const revoker: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, revoked, 1)
      thread.store(memory, payload, 0)
      thread.unlock(mutex!)
    }
    return { threads: [reader, revoker] }
  },
}

/** The last of those who count themselves in frees the lock; the count is no atomic one. */
const once: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2016-1972',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [waiters, lock] = [0, 1]
    memory[lock] = alive
    const enter: ThreadBody = (thread) => {
      thread.store(memory, waiters, thread.load(memory, waiters) + 1)
      promise(thread.load(memory, lock) === alive, 'the lock is alive when it is taken')
      thread.lock(mutex!)
      thread.unlock(mutex!)
      const left = thread.load(memory, waiters) - 1
      thread.store(memory, waiters, left)
      if (left === 0) thread.store(memory, lock, freed)
    }
    // A thread that comes after everybody else would start over with a fresh lock.
    const late: ThreadBody = (thread) => {
      if (thread.load(memory, lock) === alive) enter(thread)
    }
    return { threads: [enter, late] }
  },
}

/** One thread gives the last reference back while the other is between fetching the pointer and using it. */
const singleton: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2016-1973',
  words: 3,
  mutexes: 0,
  start({ memory }) {
    const [pointer, references, object] = [0, 1, 2]
    memory.set([1, 1, alive])
    const release: ThreadBody = (thread) => {
      if (thread.add(memory, references, -1) !== 1) return
      thread.store(memory, pointer, 0)
      thread.store(memory, object, freed)
    }
    const user: ThreadBody = (thread) => {
      if (thread.load(memory, pointer) === 0) return
      thread.add(memory, references, 1)
      promise(thread.load(memory, object) === alive, 'the object is alive')
      release(thread)
    }
    return { threads: [user, release] }
  },
}

/** A pointer is looked at, and read once more to be used. */
const priority: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2016-7911',
  words: 1,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    memory[0] = alive
    const reader: ThreadBody = (thread) => {
      if (thread.load(memory, 0) !== 0) promise(thread.load(memory, 0) !== 0, 'the context is still there')
    }
    const exit: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, 0, 0)
      thread.unlock(mutex!)
    }
    return { threads: [reader, exit] }
  },
}

/** Frees what a shared pointer names, which must not have been freed before. Objects lie after the pointer. */
function free(memory: Int32Array, pointer: number): ThreadBody {
  return (thread) => {
    const object = thread.load(memory, pointer)
    promise(object !== 0, 'the pointer is not null')
    promise(thread.exchange(memory, object, freed) === alive, 'the object is freed once')
  }
}

/** Two dumps store their buffer in the same place under a lock, and free what is there without it. */
const dumps: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2016-9806',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    memory.set([0, alive, alive])
    const dump =
      (object: number): ThreadBody =>
      (thread) => {
        thread.lock(mutex!)
        thread.store(memory, 0, object)
        thread.unlock(mutex!)
        free(memory, 0)(thread)
      }
    return { threads: [dump(1), dump(2)] }
  },
}

/** A port is listed before its creator is through with it, and deleted meanwhile. */
const port: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2017-15265',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [listed, object] = [0, 1]
    const creator: ThreadBody = (thread) => {
      thread.store(memory, object, alive)
      thread.lock(mutex!)
      thread.store(memory, listed, 1)
      thread.unlock(mutex!)
      promise(thread.load(memory, object) === alive, 'the creator uses a port that is alive')
    }
    const deleter: ThreadBody = (thread) => {
      thread.lock(mutex!)
      const found = thread.load(memory, listed)
      thread.store(memory, listed, 0)
      thread.unlock(mutex!)
      if (found === 1) thread.store(memory, object, freed)
    }
    return { threads: [creator, deleter] }
  },
}

/** Two threads store what they allocated in the same place, fail, and free what they find there. */
const rollover: Program = {
  name: 'ConVul-CVE-Benchmarks/CVE-2017-6346',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    memory.set([0, alive, alive])
    const fail =
      (object: number): ThreadBody =>
      (thread) => {
        thread.store(memory, 0, object)
        thread.lock(mutex!)
        thread.unlock(mutex!)
        free(memory, 0)(thread)
        thread.store(memory, 0, 0)
      }
    return { threads: [fail(1), fail(2)] }
  },
}

export const programs: readonly Program[] = [
  pipe,
  scanner,
  keyrings,
  key,
  once,
  singleton,
  priority,
  dumps,
  port,
  rollover,
]
