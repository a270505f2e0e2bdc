import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'
import type { ThreadProgram } from '../../../../harness/threads/thread-program.ts'
import { ReentrantLock } from '../../../../reference-impl/sync/reentrant-lock.ts'

const words = () => new Int32Array(new SharedArrayBuffer(16))

/** Reads and writes in two steps, so that one of two increments can be lost. */
async function increment(memory: Int32Array): Promise<void> {
  const before = Atomics.load(memory, 0)
  await null
  Atomics.store(memory, 0, before + 1)
}

function everyOrder<State>(program: ThreadProgram<State>) {
  return exploreThreads(program, { strategy: 'exhaustive' })
}

async function failureOf<State>(program: ThreadProgram<State>): Promise<ThreadFailure> {
  const failure = await everyOrder(program).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure
  throw failure instanceof Error ? failure : new Error('expected a failure, found nothing')
}

/** All that the threads can return. */
async function outcomesOf<State>(program: ThreadProgram<State>): Promise<string[]> {
  const { exhausted, outcomes } = await everyOrder(program)
  expect(exhausted).toBe(true)
  return outcomes.map((outcome) => JSON.stringify(outcome)).sort()
}

describe('a thread with an event loop', () => {
  it('can be interrupted between any two operations of an async function', async () => {
    const failure = await failureOf({
      setup: words,
      threads: [increment, increment],
      final: (memory) => expect(memory[0]).toBe(2),
    })
    expect(failure.kind).toBe('final')
    expect(failure.steps.map(({ thread }) => thread)).toEqual([0, 1, 1, 0])
  })

  it('runs two tasks of one thread, whose operations take turns as their awaits do', async () => {
    const seen = await outcomesOf({
      setup: words,
      threads: [
        async (memory) => {
          await Promise.all([increment(memory), increment(memory)])
          return Atomics.load(memory, 0)
        },
      ],
    })
    expect(seen).toEqual(['[1]'])
  })

  it('sleeps with waitAsync until it is notified, or finds another value', async () => {
    const seen = await outcomesOf({
      setup: words,
      threads: [
        async (memory) => {
          const waiting = Atomics.waitAsync(memory, 0, 0)
          return waiting.async ? await waiting.value : waiting.value
        },
        (memory) => {
          Atomics.store(memory, 0, 1)
          return Atomics.notify(memory, 0)
        },
      ],
    })
    expect(seen).toEqual(['["not-equal",0]', '["ok",1]'])
  })

  it('gives up a waitAsync at any step once it has a time-out', async () => {
    const seen = await outcomesOf({
      setup: words,
      threads: [
        async (memory) => {
          const answer = await Atomics.waitAsync(memory, 0, 0, 10).value
          return [answer, Date.now() - Date.UTC(2000, 0, 1)]
        },
        (memory) => Atomics.notify(memory, 0),
      ],
    })
    expect(seen).toEqual(['[["ok",0],1]', '[["timed-out",10],0]'])
  })

  it('names a task that sleeps for ever', async () => {
    const { kind, message } = await failureOf({
      setup: words,
      threads: [
        async (memory) => {
          await Atomics.waitAsync(memory, 0, 0).value
        },
        (memory) => void Atomics.notify(memory, 0),
      ],
    })
    expect(kind).toBe('lost-wake-up')
    expect(message).toContain('thread 0 sleeps for ever, the calls that should have woken it came before it slept')
  })

  it('does what is due in the order in which Node does it', async () => {
    const order = async (): Promise<string[]> => {
      const seen: string[] = []
      setTimeout(() => seen.push('timer of 30'), 30)
      setTimeout(() => seen.push('timer of 20'), 20)
      setImmediate(() => seen.push('immediate'))
      process.nextTick(() => seen.push('tick'))
      queueMicrotask(() => seen.push('microtask'))
      Promise.resolve().then(() => seen.push('promise'))
      seen.push('code')
      await sleep(50)
      return seen
    }
    const [inThread] = await outcomesOf({ setup: words, threads: [order] })
    const inNode = await new Promise((resolve) => setImmediate(() => resolve(order())))
    expect(JSON.parse(inThread!)).toEqual([inNode])
  })

  it('keeps the async context of each task', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const task = (memory: Int32Array) => async () => {
      await Atomics.waitAsync(memory, 0, 0, 5).value
      setTimeout(() => seen.push(storage.getStore()), 1)
      await sleep(5)
      return storage.getStore()
    }
    const both = await outcomesOf({
      setup: words,
      threads: [(memory) => Promise.all([storage.run('a', task(memory)), storage.run('b', task(memory))])],
    })
    expect(both).toEqual(['[["a","b"]]'])
    expect(seen.slice(-2)).toEqual(['a', 'b'])
  })

  it('fails with a rejection that nobody handles', async () => {
    const { kind, message } = await failureOf({
      setup: words,
      threads: [
        async (memory) => {
          void increment(memory).then(() => Promise.reject(new TypeError('lost')))
          await sleep(10)
        },
      ],
    })
    expect(kind).toBe('thrown')
    expect(message).toContain('TypeError: lost')
  })

  it('ends when only listeners and sleepers are left, which would not keep a worker alive', async () => {
    const seen = await outcomesOf({
      setup: words,
      threads: [
        async (memory) => {
          void Atomics.waitAsync(memory, 0, 0)
          return 'ended'
        },
      ],
    })
    expect(seen).toEqual(['["ended"]'])
  })

  it('undoes what one task writes while another one is suspended', async () => {
    const add = async (memory: Int32Array) => Atomics.add(memory, 0, 1)
    const write = async (memory: Int32Array) => {
      memory[1] = 1
    }
    const seen = await outcomesOf({
      setup: words,
      threads: [
        async (memory) => {
          await Promise.all([add(memory), write(memory)])
        },
        (memory) => [Atomics.load(memory, 0), memory[1]],
      ],
    })
    expect(seen).toEqual(['[null,[0,0]]', '[null,[1,1]]'])
  })

  it('replays a failure 20 times of 20', async () => {
    const program: ThreadProgram<Int32Array> = {
      setup: words,
      threads: [increment, increment, increment],
      final: (memory) => expect(memory[0]).toBe(3),
    }
    const { replay, message } = await failureOf(program)
    for (let time = 0; time < 20; time++) {
      const again = await exploreThreads(program, { replay }).catch((thrown: Error) => thrown)
      expect((again as Error).message.split('\n').slice(2)).toEqual(message.split('\n').slice(2))
    }
  })
})

describe('the re-entrant lock', () => {
  const lockAnd = () => ({
    lock: new ReentrantLock({ name: 'count', places: 4, lends: 1 }).buffer,
    count: new Int32Array(new SharedArrayBuffer(4)),
  })
  type Shared = ReturnType<typeof lockAnd>

  function add({ count }: Shared): void {
    Atomics.store(count, 0, Atomics.load(count, 0) + 1)
  }

  function fromWorker(shared: Shared): void {
    new ReentrantLock({ name: 'count', buffer: shared.lock }).runSync(() => add(shared))
  }

  async function twoTasks(shared: Shared): Promise<void> {
    const lock = new ReentrantLock({ name: 'count', buffer: shared.lock })
    const task = () =>
      lock.run(async () => {
        const before = Atomics.load(shared.count, 0)
        await null
        await lock.run(() => Atomics.store(shared.count, 0, before + 1))
      })
    await Promise.all([task(), task()])
  }

  it('keeps a worker and two tasks of an event loop apart, in 300 orders', async () => {
    const { schedules } = await exploreThreads(
      { setup: lockAnd, threads: [fromWorker, twoTasks], final: ({ count }) => expect(count[0]).toBe(3) },
      { schedules: 300 },
    )
    expect(schedules).toBe(300)
  })
})
