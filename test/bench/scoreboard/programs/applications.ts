import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { type Program, promise, type Shared, times } from '../program.ts'

/** A download is saved part by part and then its total, while the parts still grow. */
const download: Program = {
  name: 'CB/aget-bug2',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const total = 2
    const part =
      (self: number): ThreadBody =>
      (thread) => {
        for (let block = 0; block < 2; block++) {
          thread.store(memory, self, thread.load(memory, self) + 1)
          thread.lock(mutex!)
          thread.store(memory, total, thread.load(memory, total) + 1)
          thread.unlock(mutex!)
        }
      }
    const save: ThreadBody = (thread) => {
      const parts = thread.load(memory, 0) + thread.load(memory, 1)
      promise(parts === thread.load(memory, total), 'the parts make up the total')
    }
    return { threads: [part(0), part(1), save] }
  },
}

/** The queue's lock is destroyed when the output is complete; a consumer may still want it. */
const compressor: Program = {
  name: 'CB/pbzip2-0.9.4',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [written, destroyed] = [0, 1]
    const consumer: ThreadBody = (thread) => {
      for (const isLast of [false, true]) {
        promise(thread.load(memory, destroyed) === 0, 'the lock exists')
        thread.lock(mutex!)
        if (!isLast) {
          thread.store(memory, written, thread.load(memory, written) + 1)
          thread.notify(memory, written)
        }
        thread.unlock(mutex!)
      }
    }
    const main: ThreadBody = (thread) => {
      for (let seen = thread.load(memory, written); seen < 2; seen = thread.load(memory, written)) {
        thread.wait(memory, written, seen)
      }
      thread.store(memory, destroyed, 1)
    }
    return { threads: [main, ...times(2, consumer)] }
  },
}

/** A string's length is read under its lock and used after the lock was given back and taken again. */
const stringBuffer: Program = {
  name: 'CB/stringbuffer-jdk1.4',
  words: 1,
  mutexes: 2,
  start({ memory, mutexes: [own, other] }) {
    memory[0] = 3
    const resize =
      (length: number): ThreadBody =>
      (thread) => {
        thread.lock(other!)
        thread.store(memory, 0, length)
        thread.unlock(other!)
      }
    const eraser: ThreadBody = (thread) => {
      resize(0)(thread)
      resize(3)(thread)
    }
    const appender: ThreadBody = (thread) => {
      thread.lock(own!)
      thread.lock(other!)
      const length = thread.load(memory, 0)
      thread.unlock(other!)
      thread.lock(other!)
      promise(length <= thread.load(memory, 0), 'as many characters are there as were counted')
      thread.unlock(other!)
      thread.unlock(own!)
    }
    return { threads: [appender, eraser] }
  },
}

/** A tracing library is set up by whoever comes first, which two threads can believe of themselves. */
const tracing: Program = {
  name: 'Inspect_benchmarks/ctrace-test',
  words: 2,
  mutexes: 0,
  start({ memory }) {
    const [ready, setUps] = [0, 1]
    const trace: ThreadBody = (thread) => {
      if (thread.load(memory, ready) === 1) return
      promise(thread.add(memory, setUps, 1) === 0, 'the library is set up once')
      thread.store(memory, ready, 1)
    }
    return { threads: [trace, trace] }
  },
}

/** A monitor is made on first use, by two threads at once; what one entered, the other cannot leave. */
const monitor: Program = {
  name: 'RADBench/bug4',
  words: 3,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [current, made, work] = [0, 1, 2]
    const obtain = (thread: Parameters<ThreadBody>[0]) => {
      const known = thread.load(memory, current)
      if (known !== 0) return known
      const fresh = thread.add(memory, made, 1) + 1
      thread.store(memory, current, fresh)
      return fresh
    }
    const user: ThreadBody = (thread) => {
      for (let turn = 0; turn < 5; turn++) {
        thread.lock(mutex!)
        thread.store(memory, work, thread.load(memory, work) + 1)
        thread.unlock(mutex!)
      }
      const entered = obtain(thread)
      promise(obtain(thread) === entered, 'a monitor is left by whoever entered it')
    }
    return { threads: [user, user] }
  },
}

/** The condition is signalled before anybody sleeps on it, and nobody looks at the state before going to sleep. */
const lostNotify: Program = {
  name: 'RADBench/bug5',
  words: 2,
  mutexes: 1,
  start({ memory, mutexes: [mutex] }) {
    const [state, condition] = [0, 1]
    const sleeper: ThreadBody = (thread) => {
      thread.lock(mutex!)
      const isSet = thread.load(memory, state) === 1
      thread.unlock(mutex!)
      if (!isSet) thread.wait(memory, condition, 0)
    }
    const signaller: ThreadBody = (thread) => {
      thread.lock(mutex!)
      thread.store(memory, state, 1)
      thread.unlock(mutex!)
      thread.notify(memory, condition)
    }
    return { threads: [...times(5, sleeper), signaller] }
  },
}

/** A pool of two workers: a half is announced as sorted before the last exchange in it is through. */
const quicksort: Program = {
  name: 'Inspect_benchmarks/qsort_mt',
  words: 8,
  mutexes: 1,
  start(shared) {
    shared.memory.set([4, 3, 2, 1])
    return { threads: [sorter(shared, 0), sorter(shared, 2), merger(shared)] }
  },
}

const [queued, busy] = [4, 5]

function sorter({ memory, mutexes: [mutex] }: Shared, from: number): ThreadBody {
  return (thread) => {
    thread.lock(mutex!)
    thread.store(memory, busy, thread.load(memory, busy) + 1)
    thread.unlock(mutex!)
    const [one, other] = [thread.load(memory, from), thread.load(memory, from + 1)]
    thread.store(memory, from, Math.min(one, other))
    // The worker counts itself out before its last write.
    thread.lock(mutex!)
    thread.store(memory, busy, thread.load(memory, busy) - 1)
    thread.store(memory, queued, thread.load(memory, queued) + 1)
    thread.unlock(mutex!)
    thread.notify(memory, queued)
    thread.store(memory, from + 1, Math.max(one, other))
  }
}

function merger({ memory }: Shared): ThreadBody {
  return (thread) => {
    for (let seen = thread.load(memory, queued); seen < 2; seen = thread.load(memory, queued)) {
      thread.wait(memory, queued, seen)
    }
    const sorted = [0, 1, 2, 3].map((at) => thread.load(memory, at)).sort()
    promise(new Set(sorted).size === 4, 'sorting loses no number')
  }
}

export const programs: readonly Program[] = [
  download,
  compressor,
  stringBuffer,
  tracing,
  monitor,
  lostNotify,
  quicksort,
]
