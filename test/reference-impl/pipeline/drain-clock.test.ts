import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DrainClock } from '../../../reference-impl/pipeline/drain-clock.ts'

describe('the drain clock', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function started(timeoutMs: number): { clock: DrainClock; hasRunDown: () => boolean } {
    const clock = new DrainClock(timeoutMs)
    let runDown = false
    void clock.runDown().then(() => {
      runDown = true
    })
    return { clock, hasRunDown: () => runDown }
  }

  it('runs down in its time', async () => {
    const { hasRunDown } = started(100)
    await vi.advanceTimersByTimeAsync(99)
    expect(hasRunDown()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(hasRunDown()).toBe(true)
  })

  it('stands still while any pause lasts, and goes on with what was left', async () => {
    const { clock, hasRunDown } = started(100)
    await vi.advanceTimersByTimeAsync(60)
    let endFirst = () => {}
    const first = clock.pauseFor(
      new Promise<void>((resolve) => {
        endFirst = resolve
      }),
    )
    const second = clock.pauseFor(Promise.reject(new Error('full')))
    await expect(second).rejects.toThrow('full')
    await vi.advanceTimersByTimeAsync(1_000)
    endFirst()
    await first
    await vi.advanceTimersByTimeAsync(39)
    expect(hasRunDown()).toBe(false)
    await vi.advanceTimersByTimeAsync(2)
    expect(hasRunDown()).toBe(true)
  })

  it('does not start before it is told to, nor go on after it was stopped', async () => {
    const early = new DrainClock(10)
    await early.pauseFor(Promise.resolve())
    expect(vi.getTimerCount()).toBe(0)
    const { clock, hasRunDown } = started(10)
    clock.stop()
    await vi.advanceTimersByTimeAsync(100)
    expect([hasRunDown(), vi.getTimerCount()]).toEqual([false, 0])
  })
})
