import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { WaitTimeout } from '../../../reference-impl/sync/patience.ts'
import { SharedSemaphore } from '../../../reference-impl/sync/shared-semaphore.ts'
import { inWorker } from './worker-thread.ts'

describe('a shared semaphore', () => {
  it('lets as many jobs run at once as there are permits, in the order of asking', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs', permits: 3 })
    let [inside, most] = [0, 0]
    const begun: number[] = []
    const job = (index: number) => async () => {
      begun.push(index)
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
    }
    await Promise.all(Array.from({ length: 40 }, (_, index) => semaphore.run(job(index))))
    expect(most).toBe(3)
    expect(begun).toEqual([...begun].sort((a, b) => a - b))
    expect(semaphore.inside).toBe(0)
  })

  it('gets its permit back when a job fails', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs' })
    for (let turn = 0; turn < 3; turn++) {
      await expect(semaphore.run(() => Promise.reject(new Error('job failed')))).rejects.toThrow('job failed')
    }
    expect(await semaphore.run(async () => 'free', { timeoutMs: 0 })).toBe('free')
  })

  it('gives each permit back once, however often its holder says so', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs', permits: 2 })
    const [first, second] = [await semaphore.acquire(), await semaphore.acquire()]
    first.release()
    first.release()
    const third = await semaphore.acquire({ timeoutMs: 0 })
    await expect(semaphore.acquire({ timeoutMs: 0 })).rejects.toThrow(WaitTimeout)
    second.release()
    third.release()
    expect(semaphore.inside).toBe(0)
  })

  it('loses no permit when waiters give up', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs', permits: 2, places: 4 })
    const job = () => new Promise<string>((resolve) => setTimeout(resolve, 1, 'served'))
    const attempts = Array.from({ length: 100 }, (_, index) =>
      semaphore.run(job, { timeoutMs: index % 20 }).catch((error: unknown) => (error as Error).name),
    )
    expect(new Set(await Promise.all(attempts))).toEqual(new Set(['served', 'WaitTimeout']))
    const both = [await semaphore.acquire({ timeoutMs: 0 }), await semaphore.acquire({ timeoutMs: 0 })]
    for (const permit of both) permit.release()
  })

  it('is shared by threads', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs', permits: 2 })
    const cell = new SharedArrayBuffer(8)
    const worker = () =>
      inWorker(
        `const { SharedSemaphore } = await load('sync/shared-semaphore')
         const semaphore = new SharedSemaphore({ name: 'jobs', buffer: data.semaphore })
         const [inside, most] = [0, 1]
         const cell = new Int32Array(data.cell)
         for (let turn = 0; turn < 300; turn++) {
           const permit = semaphore.acquireSync()
           const now = Atomics.add(cell, inside, 1) + 1
           if (now > Atomics.load(cell, most)) Atomics.store(cell, most, now)
           Atomics.wait(cell, most, now, 0.01)
           Atomics.sub(cell, inside, 1)
           permit.release()
         }`,
        { semaphore: semaphore.buffer, cell },
      )
    await Promise.all([worker(), worker(), worker(), worker()])
    expect(new Int32Array(cell)[1]).toBe(2)
    expect(semaphore.inside).toBe(0)
  })

  it('lets a worker give up', async () => {
    const semaphore = new SharedSemaphore({ name: 'jobs' })
    const permit = await semaphore.acquire()
    const outcome = await inWorker(
      `const { SharedSemaphore } = await load('sync/shared-semaphore')
       try { new SharedSemaphore({ name: 'jobs', buffer: data }).acquireSync({ timeoutMs: 3 }) } catch (error) { return error.message }`,
      semaphore.buffer,
    )
    expect(outcome).toMatch(/a permit of 'jobs' after 3 ms/)
    permit.release()
    expect(semaphore.inside).toBe(0)
  })

  it('publishes its permits as resources', async () => {
    const events: string[] = []
    const listener = (message: unknown) => events.push((message as { event: string }).event)
    subscribe('raceproof:resource', listener)
    await new SharedSemaphore({ name: 'jobs' }).run(async () => {})
    unsubscribe('raceproof:resource', listener)
    expect(events).toEqual(['open', 'close'])
  })

  it('refuses numbers that make no sense', () => {
    expect(() => new SharedSemaphore({ name: 'jobs', permits: 0 })).toThrow(/at least 1, got 0/)
    expect(() => new SharedSemaphore({ name: 'jobs', permits: 4, places: 4 })).toThrow(/above permits/)
  })
})
