import { describe, expect, it } from 'vitest'
import { type LockProbe, locks } from '../../../../harness/probe.ts'
import {
  type ExploreThreadsOptions,
  exploreThreads,
  ThreadFailure,
} from '../../../../harness/threads/explore-threads.ts'

const [WORD, NEXT] = [0, 1]
const setup = () => new Int32Array(new SharedArrayBuffer(8))

/** What a lock says of itself, as any lock of a user's can. */
function tell(event: LockProbe['event']): void {
  locks.publish({ lock: 'counter', id: 'counter', owner: 'somebody', event })
}

interface Lock {
  enter(words: Int32Array): void
  leave(words: Int32Array): void
}

/** Whoever comes first takes it. */
const spinLock: Lock = {
  enter: (words) => {
    while (Atomics.compareExchange(words, WORD, 0, 1) !== 0);
  },
  leave: (words) => void Atomics.store(words, WORD, 0),
}

/** The same for threads that sleep while they wait. */
const sleepingLock: Lock = {
  enter: (words) => {
    while (Atomics.compareExchange(words, WORD, 0, 1) !== 0) Atomics.wait(words, WORD, 1)
  },
  leave: (words) => {
    Atomics.store(words, WORD, 0)
    Atomics.notify(words, WORD, 1)
  },
}

/** Each has a ticket, and its turn. */
const ticketLock: Lock = {
  enter: (words) => {
    const ticket = Atomics.add(words, NEXT, 1)
    while (Atomics.load(words, WORD) !== ticket);
  },
  leave: (words) => void Atomics.add(words, WORD, 1),
}

/** Looks and takes in two steps. */
const brokenLock: Lock = {
  enter: (words) => {
    while (Atomics.load(words, WORD) !== 0);
    Atomics.store(words, WORD, 1)
  },
  leave: (words) => void Atomics.store(words, WORD, 0),
}

const uses =
  ({ enter, leave }: Lock, times: number) =>
  (words: Int32Array) => {
    for (let time = 0; time < times; time++) {
      tell('waiting')
      enter(words)
      tell('acquired')
      Atomics.load(words, WORD)
      tell('released')
      leave(words)
    }
  }

async function foundIn(
  threads: readonly ((words: Int32Array) => void)[],
  options: ExploreThreadsOptions = {},
): Promise<ThreadFailure | null> {
  const result = await exploreThreads({ setup, threads }, { schedules: 500, ...options }).catch((thrown) => thrown)
  if (result instanceof ThreadFailure) return result
  expect(result).toHaveProperty('schedules')
  return null
}

describe('a thread that is overtaken', () => {
  it.each([
    ['while it spins', spinLock],
    ['while it sleeps', sleepingLock],
  ])('too often %s is starved, and that is replayed', async (_, lock) => {
    const threads = [uses(lock, 8), uses(lock, 1)]
    const failure = await foundIn(threads, { overtakes: 3 })
    expect(failure?.message).toContain(
      'starvation: thread 1 waits for counter, and others have taken it 4 times meanwhile',
    )
    expect((await foundIn(threads, { overtakes: 3, replay: failure!.replay }))?.kind).toBe('starvation')
  })

  it('may be, unless a bound is given', async () => {
    expect(await foundIn([uses(spinLock, 8), uses(spinLock, 1)])).toBeNull()
  })

  it('never is by a lock with turns', async () => {
    expect(await foundIn([uses(ticketLock, 6), uses(ticketLock, 1)], { overtakes: 0 })).toBeNull()
  })
})

describe('a lock', () => {
  it('that two threads hold is found by what it says of itself', async () => {
    const failure = await foundIn([uses(brokenLock, 1), uses(brokenLock, 1)])
    expect(failure?.message).toMatch(/mutual-exclusion: thread \d takes counter while thread \d holds it/)
  })

  it('that one thread holds and another lets go is found', async () => {
    const holder = (words: Int32Array) => {
      tell('acquired')
      Atomics.load(words, WORD)
      tell('released')
    }
    const failure = await foundIn([holder, () => tell('released')])
    expect(failure?.message).toContain('wrong-release: thread 1 releases counter, which thread 0 holds')
  })
})

/** What a lock says of one of several async tasks. */
function says(event: LockProbe['event'], lock: string, owner: string): void {
  locks.publish({ lock, id: lock, owner, event })
}

/** Takes locks one in the other, holds them while others have their turn, and lets them go again. */
async function nests(words: Int32Array, owner: string, names: readonly string[]): Promise<void> {
  for (const lock of names) {
    says('waiting', lock, owner)
    while (Atomics.compareExchange(words, placeOf(lock), 0, 1) !== 0) await new Promise(setImmediate)
    says('acquired', lock, owner)
  }
  await new Promise(setImmediate)
  for (const lock of names.toReversed()) {
    says('released', lock, owner)
    Atomics.store(words, placeOf(lock), 0)
  }
}

const placeOf = (lock: string) => 'ab'.indexOf(lock)

describe('tasks of one thread', () => {
  it('that hold a lock each are not one holder of both', async () => {
    const sideBySide = (first: string, second: string) => async (words: Int32Array) => {
      await Promise.all([nests(words, 'one', [first]), nests(words, 'other', [second])])
    }
    expect(await foundIn([sideBySide('a', 'b'), sideBySide('b', 'a')])).toBeNull()
  })

  it('that take two locks in opposite orders are found', async () => {
    const opposite = async (words: Int32Array) => {
      await Promise.all([nests(words, 'one', ['a', 'b']), nests(words, 'other', ['b', 'a'])])
    }
    const failure = await foundIn([opposite])
    expect(failure?.message).toContain(
      'opposite orders: task one of thread 0 takes b while it holds a, task other of thread 0 takes a while it holds b',
    )
  })

  it('may take locks in opposite orders one after the other', async () => {
    const inTurn = async (words: Int32Array) => {
      await nests(words, 'first', ['a', 'b'])
      await nests(words, 'then', ['b', 'a'])
    }
    expect(await foundIn([inTurn])).toBeNull()
  })

  it('are found when both hold one lock', async () => {
    const broken = async (owner: string) => {
      says('acquired', 'a', owner)
      await new Promise(setImmediate)
      says('released', 'a', owner)
    }
    const failure = await foundIn([async () => void (await Promise.all([broken('one'), broken('other')]))])
    expect(failure?.message).toContain(
      'mutual-exclusion: task other of thread 0 takes a while task one of thread 0 holds it',
    )
  })

  it('that gave up waiting wait no longer, whatever the others hold', async () => {
    const gives = async () => {
      says('acquired', 'a', 'one')
      says('waiting', 'b', 'one')
      says('abandoned', 'b', 'one')
      await new Promise(setImmediate)
      says('released', 'a', 'one')
    }
    const holds = (words: Int32Array) => {
      says('acquired', 'b', 'two')
      says('waiting', 'a', 'two')
      Atomics.wait(words, WORD, 0)
    }
    const failure = await foundIn([gives, holds])
    expect(failure?.kind).toBe('lost-wake-up')
  })
})
