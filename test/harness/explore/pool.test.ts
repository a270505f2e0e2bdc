import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Exploration } from '../../../harness/explore/exploration.ts'
import { explorePool, type PoolOptions } from '../../../harness/explore/pool.ts'
import { WorkerStock } from '../../../harness/explore/worker-stock.ts'

const module = pathToFileURL(new URL('pool-subjects.mjs', import.meta.url).pathname).href

const usual = { seed: 5, schedules: 120, strategy: 'portfolio', workers: 2 } as const

/** What each thread at rest shows as: its own handle, and the port to it. */
const handlesOfThread = 2

/**
 * Explores one of the subjects, and expects that no thread is left. With a stock, as many are left as run at once, or fewer:
 * one that was still loading when the last schedule ended, as on a busy machine, is not kept.
 */
async function explored(name: string, options: Partial<PoolOptions> = {}): Promise<Exploration> {
  const before = handles()
  try {
    return await explorePool({ ...usual, spec: { module, input: { name } }, ...options })
  } finally {
    if (options.stock === undefined) expect(handles()).toBe(before)
    else expect(handles()).toBeLessThanOrEqual(handlesAtFirst + usual.workers * handlesOfThread)
  }
}

function handles(): number {
  return process.getActiveResourcesInfo().filter((type) => type === 'MessagePort' || type === 'Worker').length
}

const handlesAtFirst = handles()

describe('a pool of threads', () => {
  it.each(['race', 'failing'])('finds the same in %s, to the byte, with one, two and three workers', async (name) => {
    const one = await explored(name, { workers: 1 })
    expect(one).toMatchObject({ verdict: name === 'race' ? 'valid' : 'invalid' })
    for (const workers of [2, 3]) expect(JSON.stringify(await explored(name, { workers }))).toBe(JSON.stringify(one))
  })

  it('finds the same when its workers are replaced again and again', async () => {
    const usual = await explored('race')
    expect(await explored('race', { schedulesMax: 8 })).toEqual(usual)
    expect(await explored('race', { heapMiBMax: 1, schedules: 40 })).toEqual(await explored('race', { schedules: 40 }))
  })

  it('finds the same on threads that have run something else, and leaves them to the next', async () => {
    const [race, failing] = [await explored('race'), await explored('failing')]
    const before = handles()
    const stock = new WorkerStock()
    await explorePool({ ...usual, spec: { module, input: { name: 'race' } }, stock })
    expect(handles()).toBeGreaterThan(before)
    expect(await explored('small', { stock })).toMatchObject({ verdict: 'valid' })
    expect(await explored('race', { stock })).toEqual(race)
    await stock.end()
    expect(await explorePool({ ...usual, spec: { module, input: { name: 'failing' } }, stock })).toEqual(failing)
    await stock.end()
    expect(handles()).toBe(before)
  })

  it('leaves no thread to the next that is stuck or could not go on', async () => {
    const before = handles()
    const stock = new WorkerStock()
    await explored('stuckAtOnce', { stock, stuckSeconds: 0.3 })
    await explored('refusing', { stock, workers: 1 }).catch(() => {})
    await explored('none', { stock }).catch(() => {})
    expect(handles()).toBe(before)
  })

  it('stops at the first invalid schedule, unless it is to go on', async () => {
    const first = await explored('failing')
    const all = await explored('failing', { stopsAtFirst: false })
    expect(first.schedules).toBe(first.told!.index + 1)
    expect(all).toMatchObject({ schedules: 120, told: { index: first.told!.index } })
  })

  it('ends a schedule that never comes back, and names it', async () => {
    const { verdict, told } = await explored('stuck', { stuckSeconds: 0.5 })
    expect(verdict).toBe('invalid')
    const { index, seed, strategy } = told!
    expect(told!.told!.judged.findings).toEqual([
      expect.objectContaining({
        check: 'progress',
        message: `schedule ${index + 1} (seed ${seed}, ${strategy}) never came back: one callback has kept the processor for more than 0.5 s, as an endless loop does`,
      }),
    ])
  })

  it('runs the rest of a batch in which a schedule got stuck', async () => {
    const { schedules, told } = await explored('stuck', { stuckSeconds: 0.5, stopsAtFirst: false, schedules: 24 })
    expect(schedules).toBe(24)
    const alone = await explored('stuck', { stuckSeconds: 0.5, stopsAtFirst: false, schedules: 24, workers: 1 })
    expect(alone.told!.index).toBe(told!.index)
  })

  it('gives up when even the natural order never comes back', async () => {
    const found = await explored('stuckAtOnce', { stuckSeconds: 0.3, stopsAtFirst: false })
    expect(found).toMatchObject({ verdict: 'invalid', schedules: 1, told: { index: 0, strategy: 'natural' } })
  })

  it('ends when it is told to, and keeps what was seen until then', async () => {
    const controller = new AbortController()
    const progress = (schedules: number) => schedules >= 10 && controller.abort()
    const { schedules, ...found } = await explored('race', { schedules: 100_000, signal: controller.signal, progress })
    expect(found).toMatchObject({ verdict: 'unknown', interrupted: true })
    expect(schedules).toBeGreaterThanOrEqual(10)
    expect(schedules).toBeLessThan(100_000)
    const none = await explored('race', { signal: AbortSignal.abort() })
    expect(none).toMatchObject({ schedules: 0, verdict: 'unknown', interrupted: true })
    expect(await explored('race', { schedules: 8 })).toMatchObject({ verdict: 'valid', interrupted: false })
  })

  it('throws what makes a schedule impossible, whichever thread meets it first', async () => {
    const one = await explored('refusing', { workers: 1 }).catch((error: unknown) => error)
    const two = await explored('refusing', { workers: 2 }).catch((error: unknown) => error)
    expect(one).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED' })
    expect(two).toMatchObject({ code: 'ERR_WORLD_UNSUPPORTED', message: (one as Error).message })
  })

  it('says why a subject cannot be loaded', async () => {
    await expect(explored('nothing')).rejects.toThrow(/no subject is called nothing/)
    await expect(explored('race', { strategy: 'nonsense' })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_NAME' })
  })

  it('runs all orders of something small in one thread, and says so', async () => {
    const found = await explored('small', { strategy: 'exhaustive', workers: 3 })
    expect(found).toMatchObject({ verdict: 'valid', exhausted: true, schedules: 6, distinct: 6, note: null })
  })

  it('does not say so when a bound was reached before', async () => {
    expect(await explored('endless', { strategy: 'exhaustive' })).toMatchObject({ exhausted: false, schedules: 1 })
    const few = await explored('small', { strategy: 'exhaustive', schedules: 5 })
    expect(few).toMatchObject({ verdict: 'valid', exhausted: false, schedules: 5 })
    expect(few.note).toMatch(/^Not all orders were checked: after 5 /)
  })
})
