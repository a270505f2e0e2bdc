import { describe, expect, it } from 'vitest'
import type { ThreadsExplored } from '../../../harness/threads/exploration.ts'
import { type ExploreThreadsOptions, exploreThreads, ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import { ThreadSafeDict } from '../../../reference-impl/state/thread-safe-dict.ts'
import { ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'

const module = new URL('../../fixtures/threads/dict-visits.ts', import.meta.url)

function explored(runs: readonly string[], options: ExploreThreadsOptions = {}): Promise<ThreadsExplored> {
  const lock = () => new ReentrantLock({ name: 'dict', places: 4, lends: 1 })
  const setup = () =>
    new ThreadSafeDict<number>({ name: 'dict', capacityBytes: 64, initial: { visits: 0 }, lock: lock() }).shared
  return exploreThreads({ setup, threads: runs.map((run) => ({ module, run })) }, { plainAccesses: true, ...options })
}

describe('the plain accesses of a dict', () => {
  it('are ordered by its lock, in every order of two threads', async () => {
    expect(await explored(['visit', 'visit'], { strategy: 'exhaustive' })).toMatchObject({ exhausted: true })
  })

  it('race when it is looked into without the lock, down to the lines that read and write the bytes', async () => {
    const failure = await explored(['visit', 'lookHastily']).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(ThreadFailure)
    const { kind, message } = failure as ThreadFailure
    expect(kind).toBe('data-race')
    const access = String.raw`the plain (read|write) of bytes \d+ to \d+ by thread \d at encoded-table\.ts:\d+:\d+`
    expect(message).toMatch(new RegExp(`nothing puts ${access} and ${access} in an order`))
  })
})

describe('the plain accesses of async threads', () => {
  const counter = new URL('../../fixtures/threads/plain-counter.ts', import.meta.url)

  it('race as those of others do, told with their lines', async () => {
    const threads = [
      { module: counter, run: 'countLater' },
      { module: counter, run: 'countLater' },
    ]
    const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(4)) })
    const failure = await exploreThreads({ setup, threads }, { plainAccesses: true }).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(ThreadFailure)
    expect((failure as ThreadFailure).message).toMatch(
      /data race: .* at plain-counter\.ts:(16|18):\d+ and .* at plain-counter\.ts:(16|18):/,
    )
  })
})
