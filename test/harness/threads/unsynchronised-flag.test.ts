import { describe, expect, it } from 'vitest'
import { exploreThreads, type ThreadFailure } from '../../../harness/threads/explore-threads.ts'
import { ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'
import type { Guarded } from '../../fixtures/threads/guarded-count.ts'

const module = new URL('../../fixtures/threads/guarded-count.ts', import.meta.url)

/** The module makes a defect at its top, which might hold state, as far as anybody can see; it does not. */
const fresh = false

function explored(run: string, options: { strategy?: 'exhaustive'; replay?: string; schedules?: number }) {
  return exploreThreads<Guarded>(
    {
      setup: () => ({
        buffer: new ReentrantLock({ name: 'counter', places: 4, lends: 1 }).buffer,
        counter: new Int32Array(new SharedArrayBuffer(4)),
      }),
      threads: [
        { module, run, fresh },
        { module, run, fresh },
      ],
      final: ({ counter }) => expect(counter[0]).toBe(2),
    },
    { plainAccesses: true, ...options },
  )
}

async function failureOf(options: { replay?: string }): Promise<ThreadFailure> {
  const failure = await explored('countUnsynchronised', options).catch((thrown: unknown) => thrown)
  return failure as ThreadFailure
}

describe('a lock that looks at its turn without Atomics', () => {
  it('is found as a data race, with the places of both accesses, and replayed', async () => {
    const failure = await failureOf({})
    expect(failure.message).toMatch(
      /^data-race: data race: nothing puts the .* by thread \d at (unsynchronised-flag|turnstile)\.ts:\d+:\d+ and the .* by thread \d at (unsynchronised-flag|turnstile)\.ts:\d+:\d+ in an order/,
    )
    expect(failure.kind).toBe('data-race')
    const again = await failureOf({ replay: failure.replay })
    expect(again.steps).toEqual(failure.steps)
  })

  it('is silent in every order when it looks with Atomics', async () => {
    const { exhausted } = await explored('count', { strategy: 'exhaustive', schedules: 100_000 })
    expect(exhausted).toBe(true)
  })
})
