import { describe, expect, it } from 'vitest'
import { check } from '../../../harness/check/checks.ts'
import { loadThreadSubject } from '../../../harness/run/threads/load-thread-subject.ts'
import { exploreThreadSubject } from '../../../harness/run/threads/thread-exploration.ts'
import { defineTarget } from '../../../harness/target.ts'
import { threadScenario } from '../../../harness/thread-scenario.ts'
import { type ExploreThreadsOptions, exploreThreads, ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import type { ThreadModule } from '../../../harness/threads/thread-program.ts'

const module = new URL('../../fixtures/threads/waiting.ts', import.meta.url)
const refusal = 'TypeError: Atomics.wait cannot be called in this context'

const setup = () => new Int32Array(new SharedArrayBuffer(8))
const worker = (run: string): ThreadModule => ({ module, run })
const eventLoop = (run: string): ThreadModule => ({ module, run, canBlock: false })

async function failureOf(threads: ThreadModule[], options: ExploreThreadsOptions = {}): Promise<ThreadFailure> {
  const failure = await exploreThreads({ setup, threads }, options).catch((thrown: unknown) => thrown)
  if (failure instanceof ThreadFailure) return failure
  throw failure
}

describe('a thread that cannot block', () => {
  it('is refused every wait whose arguments are good, also one that would return at once', async () => {
    const { outcomes } = await exploreThreads({ setup, threads: [eventLoop('waitForNothing')] })
    const [[[differs, isOver, action, outside, bytes]]] = outcomes as [[string[]]]
    expect([differs, isOver, action]).toEqual([refusal, refusal, refusal])
    expect(outside).toMatch(/^RangeError/)
    expect(bytes).toMatch(/^TypeError: \[object (Array|Uint8Array)\]|^TypeError: .*int32/i)
  })

  it('waits by Atomics.waitAsync as ever, while workers may block', async () => {
    const threads = [eventLoop('waitAsync'), worker('wait'), worker('wake')]
    const { outcomes, exhausted } = await exploreThreads({ setup, threads }, { strategy: 'exhaustive' })
    expect(exhausted).toBe(true)
    expect(new Set(outcomes.flat())).toEqual(new Set(['ok', 'not-equal', undefined]))
  })

  it('is refused the same whenever it is run again, in every order there is', async () => {
    const threads = [eventLoop('tryToWait'), eventLoop('tryToWait'), worker('wake')]
    const explored = await exploreThreads({ setup, threads }, { strategy: 'exhaustive' })
    expect(explored).toMatchObject({ exhausted: true, outcomes: [[refusal, refusal, undefined]] })
  })

  it('fails with the refusal, which is replayed, and confirmed on real workers', async () => {
    const threads = [worker('wake'), eventLoop('wait')]
    const { message, replay } = await failureOf(threads)
    expect(message).toContain(refusal)
    expect(message).toContain('\nconfirmed on real workers: 2 workers took the same')
    expect((await failureOf(threads, { replay })).message).toContain(refusal)
  })

  it('is what a scenario says of its event loop: there, to block is an error of the server', async () => {
    const target = defineTarget({
      name: 'waiting',
      module: import.meta.url,
      start: () => Promise.reject(new Error('threads need no server')),
      client: () => ({}),
    })
    const scenario = (canBlock: boolean) =>
      threadScenario('waits', {
        target,
        source: 'a test',
        promise: 'Who sleeps is woken.',
        setup: () => setup(),
        threads: [
          { module, run: 'wait', canBlock },
          { module, run: 'wake' },
        ],
        checks: [check.progress()],
      })
    const explored = async (canBlock: boolean) =>
      exploreThreadSubject(await loadThreadSubject(scenario(canBlock), null), {
        seed: 1,
        schedules: 100,
        strategy: null,
      })
    expect(await explored(true)).toMatchObject({ failed: null })
    const { failed } = await explored(false)
    expect(failed!.trial.findings).toMatchObject([{ check: 'server-errors', message: refusal }])
  })
})
