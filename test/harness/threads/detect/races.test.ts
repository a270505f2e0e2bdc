import { describe, expect, it } from 'vitest'
import type { Condition, Mutex, Semaphore } from '../../../../harness/threads/engine.ts'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'
import type { ThreadActions } from '../../../../harness/threads/replay-fibers.ts'

type Port = InstanceType<typeof MessageChannel>['port1']

interface Shared {
  /** Word 0 is the data that may be raced for, the others are flags. */
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly mutex: Mutex
  readonly condition: Condition
  readonly permits: Semaphore
  readonly port1: Port
  readonly port2: Port
}

type Thread = (shared: Shared, actions: ThreadActions) => unknown

const [DATA, FLAG, OTHER] = [0, 1, 2]

/** What is found in any order of the threads; undefined when nothing is. */
async function foundIn(threads: readonly Thread[]): Promise<string | undefined> {
  const explored = exploreThreads<Shared>(
    {
      setup(primitives) {
        const words = new Int32Array(new SharedArrayBuffer(16))
        const bytes = new Uint8Array(words.buffer)
        const { mutex, condition, permits } = {
          mutex: primitives.mutex(),
          condition: primitives.condition(),
          permits: primitives.semaphore(0),
        }
        const { port1, port2 } = new MessageChannel()
        return { words, bytes, mutex, condition, permits, port1, port2 }
      },
      threads: [...threads],
    },
    { strategy: 'exhaustive', schedules: 20_000 },
  )
  const result = await explored.catch((thrown: unknown) => thrown)
  if (result instanceof ThreadFailure) return result.kind
  expect(result).toMatchObject({ exhausted: true })
  return undefined
}

const write: Thread = ({ words }, thread) => void thread.write(words, DATA, 1)
const read: Thread = ({ words }, thread) => void thread.read(words, DATA)

/** Reads the data if the flag says so. */
const readBehind =
  (value: number): Thread =>
  (shared, thread) => {
    if (Atomics.load(shared.words, FLAG) === value) read(shared, thread)
  }

const raceFree: Record<string, readonly Thread[]> = {
  'two reads': [read, read],
  'two threads that each have a byte of one word': [
    ({ bytes }, thread) => void thread.write(bytes, 0, 1),
    ({ bytes }, thread) => void thread.write(bytes, 1, 1),
  ],
  'a message behind a flag': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
    },
    readBehind(1),
  ],
  'a message behind a flag that is waited for': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
    },
    (shared, thread) => {
      while (Atomics.load(shared.words, FLAG) === 0);
      read(shared, thread)
    },
  ],
  'a message that is handed on by a third thread': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
    },
    ({ words }) => void Atomics.compareExchange(words, FLAG, 1, 2),
    readBehind(2),
  ],
  'a count that each thread adds to': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.add(shared.words, FLAG, 1)
    },
    ({ words }) => void Atomics.add(words, FLAG, 1),
    readBehind(2),
  ],
  'a sleeper that is called': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.notify(shared.words, OTHER)
    },
    (shared, thread) => {
      // Only who was called knows that the caller had written.
      if (Atomics.wait(shared.words, OTHER, 0, 100) === 'ok') read(shared, thread)
    },
  ],
  'a sleeper that finds the value changed': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
      Atomics.notify(shared.words, FLAG)
    },
    (shared, thread) => {
      if (Atomics.wait(shared.words, FLAG, 0) === 'not-equal') read(shared, thread)
    },
  ],
  'a task that sleeps with waitAsync and is called': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
      Atomics.notify(shared.words, FLAG)
    },
    async (shared, thread) => {
      await Atomics.waitAsync(shared.words, FLAG, 0).value
      read(shared, thread)
    },
  ],
  'a message': [
    (shared, thread) => {
      write(shared, thread)
      shared.port1.postMessage('written')
    },
    (shared, thread) =>
      new Promise<void>((resolve) => {
        shared.port2.once('message', () => {
          read(shared, thread)
          shared.port2.close()
          resolve()
        })
      }),
  ],
  'a semaphore': [
    (shared, thread) => {
      write(shared, thread)
      thread.release(shared.permits)
    },
    (shared, thread) => {
      thread.acquire(shared.permits)
      read(shared, thread)
    },
  ],
  'a condition': [
    (shared, thread) => {
      thread.lock(shared.mutex)
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
      thread.signal(shared.condition)
      thread.unlock(shared.mutex)
    },
    (shared, thread) => {
      thread.lock(shared.mutex)
      while (Atomics.load(shared.words, FLAG) === 0) thread.waitFor(shared.condition, shared.mutex)
      read(shared, thread)
      thread.unlock(shared.mutex)
    },
  ],
  'a mutex, tried': [
    (shared, thread) => {
      thread.lock(shared.mutex)
      write(shared, thread)
      thread.unlock(shared.mutex)
    },
    (shared, thread) => {
      if (!thread.tryLock(shared.mutex)) return
      read(shared, thread)
      thread.unlock(shared.mutex)
    },
  ],
}

const racy: Record<string, readonly Thread[]> = {
  'a read and a write': [read, write],
  'a plain read and an atomic write': [read, ({ words }) => void Atomics.store(words, DATA, 1)],
  'a plain write and an atomic read': [write, ({ words }) => void Atomics.load(words, DATA)],
  'a byte and the word that it is in': [read, ({ bytes }, thread) => void thread.write(bytes, 3, 1)],
  'a message before its flag': [
    (shared, thread) => {
      Atomics.store(shared.words, FLAG, 1)
      write(shared, thread)
    },
    readBehind(1),
  ],
  'a flag that another thread sets too': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
    },
    ({ words }) => void Atomics.store(words, FLAG, 1),
    readBehind(1),
  ],
  'an exchange that comes to nothing': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.compareExchange(shared.words, FLAG, 5, 1)
    },
    readBehind(0),
  ],
  'a sleeper that was not called': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.notify(shared.words, FLAG)
    },
    (shared, thread) => {
      if (Atomics.wait(shared.words, FLAG, 0, 100) === 'timed-out') read(shared, thread)
    },
  ],
  'a task that sleeps with waitAsync until its time is over': [
    write,
    async (shared, thread) => {
      await Atomics.waitAsync(shared.words, FLAG, 0, 10).value
      read(shared, thread)
    },
  ],
  'a message that is sent too early': [
    (shared, thread) => {
      shared.port1.postMessage('written')
      write(shared, thread)
    },
    (shared, thread) =>
      new Promise<void>((resolve) => {
        shared.port2.once('message', () => {
          read(shared, thread)
          shared.port2.close()
          resolve()
        })
      }),
  ],
  'a mutex that could not be had': [
    (shared, thread) => {
      thread.lock(shared.mutex)
      write(shared, thread)
      thread.unlock(shared.mutex)
    },
    (shared, thread) => {
      if (thread.tryLock(shared.mutex)) thread.unlock(shared.mutex)
      else read(shared, thread)
    },
  ],
  'a plain write before a later atomic one, when the first is known': [
    (shared, thread) => {
      write(shared, thread)
      Atomics.store(shared.words, FLAG, 1)
      Atomics.store(shared.words, DATA, 2)
    },
    readBehind(1),
  ],
}

describe('data races', () => {
  it.each(Object.entries(raceFree))('are not found in %s', async (_, threads) => {
    expect(await foundIn(threads)).toBeUndefined()
  })

  it.each(Object.entries(racy))('are found in %s', async (_, threads) => {
    expect(await foundIn(threads)).toBe('data-race')
  })
})

describe('unlike widths', () => {
  const wide: Thread = ({ words }) => void Atomics.add(words, DATA, 1)
  const narrow: Thread = ({ bytes }) => void Atomics.add(bytes, 1, 1)

  it('are found where two threads change the same bytes with them', async () => {
    expect(await foundIn([wide, narrow])).toBe('mixed-size')
  })

  it('are right where a lock keeps the threads apart', async () => {
    const locked =
      (section: Thread): Thread =>
      (shared, thread) => {
        thread.lock(shared.mutex)
        section(shared, thread)
        thread.unlock(shared.mutex)
      }
    expect(await foundIn([locked(wide), locked(narrow)])).toBeUndefined()
  })

  it('are right where nobody writes', async () => {
    const loads: Thread = ({ words }) => void Atomics.load(words, DATA)
    expect(await foundIn([loads, ({ bytes }) => void Atomics.load(bytes, 1)])).toBeUndefined()
  })
})
