import { describe, expect, it } from 'vitest'
import { exploreThreads, type ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import type { ThreadActions } from '../../../harness/threads/replay-fibers.ts'
import type { Primitives } from '../../../harness/threads/thread-program.ts'

type Shared = ReturnType<typeof setup>
type Thread = (shared: Shared, thread: ThreadActions) => void

function setup(make: Primitives) {
  return {
    memory: new Int32Array(new SharedArrayBuffer(16)),
    a: make.mutex(),
    b: make.mutex(),
    gate: make.mutex(),
    condition: make.condition(),
    semaphore: make.semaphore(0),
  }
}

/** What is found in all schedules of some threads; null when nothing is. */
async function found(...threads: Thread[]): Promise<Pick<ThreadFailure, 'kind' | 'message' | 'schedule'> | null> {
  return exploreThreads({ setup, threads }, { strategy: 'exhaustive' }).then(
    ({ exhausted }) => {
      expect(exhausted).toBe(true)
      return null
    },
    (failure: ThreadFailure) => failure,
  )
}

const under =
  (...names: ('a' | 'b' | 'gate')[]): Thread =>
  (shared, thread) => {
    for (const name of names) thread.lock(shared[name])
    for (const name of names.toReversed()) thread.unlock(shared[name])
  }

describe('locks', () => {
  it('taken in opposite orders are found in a schedule that did not hang', async () => {
    expect(await found(under('a', 'b'), under('b', 'a'))).toMatchObject({ kind: 'lock-order', schedule: 1 })
  })

  it('taken in opposite orders behind one gate are right', async () => {
    expect(await found(under('gate', 'a', 'b'), under('gate', 'b', 'a'))).toBeNull()
  })

  it('taken in one order are right', async () => {
    expect(await found(under('a', 'b'), under('a', 'b'))).toBeNull()
  })

  it('that threads wait for in a circle are told with who holds what', async () => {
    const takeTwice: Thread = ({ a }, thread) => {
      thread.lock(a)
      thread.lock(a)
    }
    const failure = await found(takeTwice)
    expect(failure?.message).toContain('deadlock: thread 0 holds mutex 1 and waits for mutex 1')
  })

  it('released by a thread that does not hold them are found', async () => {
    const failure = await found(({ a }, thread) => thread.unlock(a))
    expect(failure?.message).toContain('wrong-release: WrongRelease: thread 0 releases a mutex held by nobody')
  })

  it('that are only tried make no order', async () => {
    const attempt: Thread = ({ a, b }, thread) => {
      thread.lock(b)
      if (thread.tryLock(a)) thread.unlock(a)
      thread.unlock(b)
    }
    expect(await found(attempt, under('b'))).toBeNull()
  })
})

describe('wake-ups', () => {
  const wait =
    (rechecks: boolean): Thread =>
    ({ memory, a, condition }, thread) => {
      if (!rechecks) {
        thread.lock(a)
        thread.waitFor(condition, a)
      } else {
        thread.lock(a)
        while (thread.load(memory, 0) === 0) thread.waitFor(condition, a)
      }
      thread.unlock(a)
    }
  const call: Thread = ({ memory, a, condition }, thread) => {
    thread.lock(a)
    thread.store(memory, 0, 1)
    thread.signal(condition)
    thread.unlock(a)
  }

  it('that come before the sleeper are lost', async () => {
    expect(await found(wait(false), call)).toMatchObject({ kind: 'lost-wake-up' })
  })

  it('are not lost to a sleeper who looks first', async () => {
    expect(await found(wait(true), call)).toBeNull()
  })

  it('reach one sleeper each, unless they are for all', async () => {
    const callAll: Thread = ({ memory, a, condition }, thread) => {
      thread.lock(a)
      thread.store(memory, 0, 1)
      thread.broadcast(condition)
      thread.unlock(a)
    }
    expect(await found(wait(true), wait(true), call)).toMatchObject({ kind: 'lost-wake-up' })
    expect(await found(wait(true), wait(true), callAll)).toBeNull()
  })
})

describe('plain accesses', () => {
  const write: Thread = ({ memory }, thread) => void thread.write(memory, 0, 1)
  const read: Thread = ({ memory }, thread) => void thread.read(memory, 0)

  it.each<[string, Thread, Thread, boolean]>([
    ['a write and a read', write, read, true],
    ['two writes', write, write, true],
    ['two reads', read, read, false],
    ['a write and an atomic load', write, ({ memory }, thread) => void thread.load(memory, 0), true],
    [
      'an atomic store and an atomic load',
      ({ memory }, t) => void t.store(memory, 0, 1),
      ({ memory }, t) => void t.load(memory, 0),
      false,
    ],
    [
      'accesses under one mutex',
      ({ memory, a }, thread) => {
        thread.lock(a)
        thread.write(memory, 0, thread.read(memory, 0) + 1)
        thread.unlock(a)
      },
      ({ memory, a }, thread) => {
        thread.lock(a)
        thread.write(memory, 0, thread.read(memory, 0) + 1)
        thread.unlock(a)
      },
      false,
    ],
    [
      'accesses under two mutexes',
      ({ memory, a }, thread) => {
        thread.lock(a)
        thread.write(memory, 0, 1)
        thread.unlock(a)
      },
      ({ memory, b }, thread) => {
        thread.lock(b)
        thread.write(memory, 0, 2)
        thread.unlock(b)
      },
      true,
    ],
    [
      'a message behind an atomic flag',
      ({ memory }, thread) => {
        thread.write(memory, 0, 1)
        thread.store(memory, 1, 1)
      },
      ({ memory }, thread) => {
        if (thread.load(memory, 1) === 1) thread.read(memory, 0)
      },
      false,
    ],
    [
      'a message behind a semaphore',
      ({ memory, semaphore }, thread) => {
        thread.write(memory, 0, 1)
        thread.release(semaphore)
      },
      ({ memory, semaphore }, thread) => {
        thread.acquire(semaphore)
        thread.read(memory, 0)
      },
      false,
    ],
  ])('of %s: a race is told exactly where there is one', async (_, one, other, isRace) => {
    expect((await found(one, other))?.kind).toBe(isRace ? 'data-race' : undefined)
  })

  it('of unlike widths at one place are found, atomic or not', async () => {
    const narrow: Thread = ({ memory }, thread) => void thread.add(new Int8Array(memory.buffer), 1, 1)
    const wide: Thread = ({ memory }, thread) => void thread.add(memory, 0, 1)
    expect(await found(narrow, wide)).toMatchObject({ kind: 'mixed-size' })
  })
})
