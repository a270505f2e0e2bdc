import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { exploreThreads, ThreadFailure } from '../../../../harness/threads/explore-threads.ts'
import type { ThreadFunction } from '../../../../harness/threads/thread-program.ts'

const words = () => new Int32Array(new SharedArrayBuffer(8))

async function failureOf(thread: ThreadFunction<Int32Array>): Promise<ThreadFailure> {
  const other = (memory: Int32Array) => void Atomics.store(memory, 1, 1)
  const failure = await exploreThreads({ setup: words, threads: [other, thread] }, { stuckMs: 200 }).catch(
    (thrown: unknown) => thrown,
  )
  if (failure instanceof ThreadFailure) return failure
  throw failure
}

/** Never comes to an operation again. */
function turns(memory: Int32Array): void {
  let turned = Atomics.add(memory, 0, 1)
  while (turned >= 0) turned = (turned + 1) % 7
}

const someTask = new AsyncLocalStorage<number>()
/** What blocks whoever calls it, since nobody else schedules it. */
const { wait } = Atomics
const notShared = words()

describe('a thread that never comes back', () => {
  it('is ended, and named with the place of its last operation', async () => {
    const { kind, message } = await failureOf(turns)
    expect(kind).toBe('stuck')
    expect(message).toMatch(
      /thread 1 has run for 0\.2 s without an operation on shared memory since its operation add \[0] at .*stuck-thread\.test\.ts:\d+.*, and is at .*stuck-thread\.test\.ts:20: expected/,
    )
  })

  it('is named when it catches for ever what suspends it', async () => {
    const { kind, message } = await failureOf((memory) => {
      for (;;) {
        try {
          Atomics.load(memory, 0)
        } catch {}
      }
    })
    expect(kind).toMatch(/stuck|too-long|thrown/)
    expect(message).toContain('thread 1')
  })

  it('is named when it blocks in Atomics.wait() on memory that is not explored', async () => {
    const { message } = await failureOf((memory) => {
      Atomics.load(memory, 0)
      wait(new Int32Array(memory.buffer), 1, Atomics.load(memory, 1), 60_000)
    })
    expect(message).toMatch(/since its operation load \[1\] .*, and is at .*stuck-thread\.test\.ts:52: expected/)
  })

  it('is named when it turns in a task of its event loop, and promises settle afterwards', async () => {
    const { message } = await failureOf((memory) =>
      someTask.run(1, async () => {
        await null
        turns(memory)
      }),
    )
    expect(message).toContain('since its operation add [0]')
    expect(await Promise.all([1, new Promise((resolve) => setTimeout(resolve, 1, 2))])).toEqual([1, 2])
    expect(someTask.getStore()).toBeUndefined()
  })

  it('shows the steps that led there', async () => {
    const { steps, replay } = await failureOf(turns)
    expect(steps.at(-1)).toMatchObject({ thread: 1, text: expect.stringContaining('add [0] → 0') })
    expect(replay).toMatch(/1\*1$/)
  })
  it('is not said of a thread that comes back when its schedule is run again', async () => {
    let slept = false
    const slow = failureOf((memory) => {
      Atomics.load(memory, 0)
      if (slept) return
      slept = true
      wait(notShared, 0, 0, 1_000)
    })
    await expect(slow).rejects.toMatchObject({
      code: 'ERR_SCENARIO_INVALID',
      message: expect.stringContaining('went on when one was run again: expected a machine with time for them'),
    })
  })

  it('is not said when it is the code around the threads that does not end', async () => {
    const endless = exploreThreads({ setup: () => turns(words()), threads: [() => {}] }, { stuckMs: 200 })
    await expect(endless).rejects.toMatchObject({
      code: 'ERR_SCENARIO_INVALID',
      message: expect.stringContaining('setup, final or a check has not come to its end within 0.2 s'),
    })
  })
})
