import { describe, expect, it } from 'vitest'
import { exploreThreads } from '../../../harness/threads/explore-threads.ts'
import { ThreadSafeDict } from '../../../reference-impl/state/thread-safe-dict.ts'
import { ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'
import { SharedSemaphore } from '../../../reference-impl/sync/shared-semaphore.ts'

const name = 'lock'
const places = 4

function setup() {
  return {
    lock: new ReentrantLock({ name, places, lends: 1 }).buffer,
    counter: new Int32Array(new SharedArrayBuffer(4)),
  }
}

/** Counts under the lock, with plain accesses, entering it twice. */
function count({ lock: buffer, counter }: ReturnType<typeof setup>): number {
  const lock = new ReentrantLock({ name, buffer })
  return lock.runSync(() => {
    const before = counter[0]!
    lock.runSync(() => {
      counter[0] = before + 1
    })
    return counter[0]!
  })
}

describe('the reference implementation, explored as threads', () => {
  it('excludes two threads with the re-entrant lock, in every schedule', async () => {
    const explored = await exploreThreads(
      { setup, threads: [count, count], final: ({ counter }) => expect(counter[0]).toBe(2) },
      { strategy: 'exhaustive', schedules: 100_000 },
    )
    expect(explored.exhausted).toBe(true)
    expect(explored.summary).toBe(`proved for this bound: ${explored.schedules} traces`)
    expect(explored.outcomes.map(String).sort()).toEqual(['1,2', '2,1'])
  })

  it('excludes three threads with the re-entrant lock, in 3,000 schedules', async () => {
    const explored = await exploreThreads(
      { setup, threads: [count, count, count], final: ({ counter }) => expect(counter[0]).toBe(3) },
      { schedules: 3_000 },
    )
    expect(explored).toMatchObject({ schedules: 3_000, exhausted: false })
    expect(explored.outcomes).toHaveLength(6)
  })

  it('makes the updates of a dict atomic, in every schedule of two threads', async () => {
    const dictOf = (shared?: ThreadSafeDict['shared']) =>
      new ThreadSafeDict<number>({
        name: 'dict',
        capacityBytes: 128,
        ...(shared && { shared }),
        lock: new ReentrantLock({ name: 'dict', places, lends: 1, buffer: shared?.lock }),
        initial: { visits: 0 },
      })
    const visit = (shared: ThreadSafeDict['shared']) => {
      dictOf(shared).update(({ visits = 0 }) => ({ visits: visits + 1 }))
    }
    const explored = await exploreThreads(
      {
        setup: () => dictOf().shared,
        threads: [visit, visit],
        final: (shared) => expect(dictOf(shared).get('visits')).toBe(2),
      },
      { strategy: 'exhaustive', schedules: 100_000 },
    )
    expect(explored.exhausted).toBe(true)
  })

  it('grants no more permits than a semaphore has, in every schedule of two threads', async () => {
    const permits = 1
    const use = ({ buffer, inside }: { buffer: SharedArrayBuffer; inside: Int32Array }) => {
      const permit = new SharedSemaphore({ name: 'jobs', permits, places, buffer }).acquireSync()
      const most = Atomics.add(inside, 0, 1) + 1
      Atomics.sub(inside, 0, 1)
      permit.release()
      return most
    }
    const explored = await exploreThreads(
      {
        setup: () => ({
          buffer: new SharedSemaphore({ name: 'jobs', permits, places }).buffer,
          inside: new Int32Array(new SharedArrayBuffer(4)),
        }),
        threads: [use, use],
      },
      { strategy: 'exhaustive', schedules: 100_000 },
    )
    expect(explored).toMatchObject({ exhausted: true, outcomes: [[1, 1]] })
  })
})
