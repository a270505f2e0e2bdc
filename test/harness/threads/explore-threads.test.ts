import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import { exploreThreads, ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import type { ThreadProgram } from '../../../harness/threads/thread-program.ts'
import { ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'

const word = () => new Int32Array(new SharedArrayBuffer(8))

async function failureOf<State>(
  program: ThreadProgram<State>,
  options: Parameters<typeof exploreThreads>[1] = { strategy: 'exhaustive' },
): Promise<ThreadFailure> {
  const failure = await exploreThreads(program, options).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure
  throw failure instanceof Error ? failure : new Error('expected a failure, found nothing')
}

/** Reads and writes in two steps, so that one of two increments can be lost. */
function increment(memory: Int32Array): void {
  const before = Atomics.load(memory, 0)
  Atomics.store(memory, 0, before + 1)
}

const lostUpdate: ThreadProgram<Int32Array> = {
  setup: word,
  threads: [increment, increment],
  final: (memory) => expect(memory[0], 'increments').toBe(2),
}

describe('exploreThreads', () => {
  it('tells a failure in one column per thread, with the switch that decides', async () => {
    const { message } = await failureOf(lostUpdate)
    const golden = join(packageRoot, 'test/golden/lost-update-of-threads.txt')
    // The line numbers are those of this file, which moves.
    await expect(`${message.replaceAll(/\.ts:\d+/g, '.ts:NN')}\n`).toMatchFileSnapshot(golden)
  })

  it('finds the line of each step', async () => {
    const { steps } = await failureOf(lostUpdate)
    expect(steps.map(({ place }) => place?.includes('explore-threads.test.ts:'))).toEqual([true, true, true, true])
  })

  it('replays a failure 100 times of 100', async () => {
    const { replay, message } = await failureOf(lostUpdate, { strategy: 'random' })
    for (let time = 0; time < 100; time++) {
      const again = await failureOf(lostUpdate, { replay })
      expect(again.message.split('\n').slice(2)).toEqual(message.split('\n').slice(2))
    }
  })

  it('puts the builtins back, after a failure too', async () => {
    const { load, wait } = Atomics
    const { now } = Date
    const { random } = Math
    await failureOf(lostUpdate)
    expect([Atomics.load, Atomics.wait, Date.now, Math.random]).toEqual([load, wait, now, random])
    expect(isMainThread).toBe(true)
    expect(Object.prototype.toString.call(new SharedArrayBuffer(4))).toBe('[object SharedArrayBuffer]')
  })

  it('leaves Atomics outside of threads alone, as in setup and final', async () => {
    const { outcomes } = await exploreThreads({
      setup: () => {
        const memory = word()
        Atomics.store(memory, 0, 7)
        return memory
      },
      threads: [(memory) => Atomics.exchange(memory, 0, 8)],
      final: (memory) => expect(Atomics.load(memory, 0)).toBe(8),
    })
    expect(outcomes).toEqual([[7]])
  })

  it('gives a thread the same time and random numbers in all of its runs', async () => {
    const draw = (memory: Int32Array) => {
      const drawn = [Math.random(), Date.now(), performance.now()]
      Atomics.add(memory, 0, 1)
      Atomics.wait(memory, 1, 0, 50)
      return drawn.concat(performance.now())
    }
    const { outcomes } = await exploreThreads({ setup: word, threads: [draw] })
    expect(outcomes).toEqual([[[expect.any(Number), Date.UTC(2000, 0, 1), 0, 50]]])
  })

  it('shows a thread plain memory as it was when it first ran there', async () => {
    const { outcomes } = await exploreThreads({
      setup: word,
      threads: [
        (memory) => {
          memory[0]!++
          Atomics.load(memory, 1)
          memory[0]!++
          Atomics.load(memory, 1)
          return memory[0]
        },
      ],
    })
    expect(outcomes).toEqual([[2]])
  })

  it('loads threads from modules', async () => {
    const module = new URL('../../fixtures/threads/counting.mjs', import.meta.url)
    const { outcomes } = await exploreThreads(
      {
        setup: word,
        threads: [
          { module, run: 'count' },
          { module, run: 'count' },
        ],
      },
      { strategy: 'exhaustive' },
    )
    expect(outcomes.map(String).sort()).toEqual(['0,1', '1,0'])
    await expect(exploreThreads({ setup: word, threads: [{ module, run: 'nothing' }] })).rejects.toThrow(
      /to export a function 'nothing', got undefined/,
    )
  })

  it('names a suspension that a thread has swallowed, with its place', async () => {
    const swallow = (memory: Int32Array) => {
      try {
        Atomics.load(memory, 0)
      } catch {}
    }
    const { kind, message } = await failureOf({ setup: word, threads: [swallow] })
    expect(kind).toBe('thrown')
    expect(message).toMatch(/thread 0 caught what suspends it in the operation load at .*explore-threads\.test\.ts:\d+/)
  })

  it('does nothing that a finally clause asks for while a thread is suspended', async () => {
    const { outcomes } = await exploreThreads(
      {
        setup: word,
        threads: [
          (memory) => {
            try {
              Atomics.load(memory, 1)
            } finally {
              Atomics.add(memory, 0, 1)
            }
          },
        ],
        final: (memory) => expect(memory[0]).toBe(1),
      },
      { strategy: 'exhaustive' },
    )
    expect(outcomes).toHaveLength(1)
  })

  it('names a thread that does not repeat itself', async () => {
    let runs = 0
    const { message } = await failureOf({
      setup: word,
      threads: [(memory) => Atomics.load(memory, runs++ % 2)],
    })
    expect(message).toContain(
      'thread 0 did not repeat itself: its step 1 was load of element 0 and now is load of element 1',
    )
  })

  it('ends threads that never end', async () => {
    const { kind } = await failureOf(
      {
        setup: word,
        threads: [
          (memory) => {
            for (;;) Atomics.add(memory, 0, 1)
          },
        ],
      },
      { steps: 100 },
    )
    expect(kind).toBe('too-long')
  })

  it('waits in a spin loop for a change, so that all orders can be run', async () => {
    const { exhausted, outcomes } = await exploreThreads(
      {
        setup: word,
        threads: [
          (memory) => {
            while (Atomics.load(memory, 0) === 0);
            return Atomics.load(memory, 1)
          },
          (memory) => {
            Atomics.store(memory, 1, 5)
            Atomics.store(memory, 0, 1)
          },
        ],
      },
      { strategy: 'exhaustive' },
    )
    expect({ exhausted, outcomes }).toEqual({ exhausted: true, outcomes: [[5, undefined]] })
  })

  it('says which strategies there are', async () => {
    await expect(exploreThreads(lostUpdate, { strategy: 'luck' as 'random' })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_NAME',
    })
    await expect(exploreThreads(lostUpdate, { replay: 'x' })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })
})

describe('a broken lock', () => {
  function failureWith(Broken: typeof ReentrantLock): Promise<ThreadFailure> {
    const enter = (buffer: SharedArrayBuffer) => new Broken({ name: 'broken', buffer }).runSync(() => {})
    return failureOf({
      setup: () => new ReentrantLock({ name: 'broken', places: 4, lends: 1 }).buffer,
      threads: [enter, enter],
    })
  }

  it('is found when it sleeps on a value that it loads again', async () => {
    const failure = await failureWith(
      class extends ReentrantLock {
        protected override park(at: number, _: number, timeoutMs: number): void {
          super.park(at, Atomics.load(this.words, at), timeoutMs)
        }
      },
    )
    expect(failure.kind).toBe('lost-wake-up')
    expect(failure.message).toMatch(
      /thread \d sleeps for ever, the calls that should have woken it came before it slept/,
    )
  })

  it('is found when it lets go without calling the next', async () => {
    const failure = await failureWith(
      class extends ReentrantLock {
        protected override call(): boolean {
          return true
        }
      },
    )
    expect(failure.kind).toBe('lost-wake-up')
    expect(failure.message).toMatch(/nobody calls it/)
  })
})
