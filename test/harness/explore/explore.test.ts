import '../../../harness/register.ts'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ExplorationFailed, type ExploreOptions, explore } from '../../../harness/explore/explore.ts'
import type { Sim } from '../../../harness/sim/sim.ts'
import { hastyTeardown } from '../sim/bugs/hasty-teardown.ts'
import { twoLocks } from '../sim/bugs/two-locks.ts'

const touch = (name: string) => stat(`/nowhere/${name}`).catch(() => {})

async function failureOf(run: (sim: Sim) => unknown, options: ExploreOptions = {}): Promise<ExplorationFailed> {
  const failure = await explore(run, options).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ExplorationFailed)
  return failure as ExplorationFailed
}

describe('explore', () => {
  it('tells a race with the schedule, the assertion and what to replay', async () => {
    const { message, replay, findings } = await failureOf(hastyTeardown.defective, { name: 'the stream' })
    expect(message).toMatch(/^the stream fails in schedule \d+ of 1000/)
    expect(message).toContain('the stream was closed under its second watcher')
    expect(message).toContain(`explore(fn, { replay: '${replay}' })`)
    expect(findings.map(({ check }) => check)).toEqual(['assertion'])
  })

  it('shows the same failure again, and nothing once it is mended', async () => {
    const { replay, findings } = await failureOf(hastyTeardown.defective)
    expect((await failureOf(hastyTeardown.defective, { replay })).findings).toEqual(findings)
    expect(await explore(hastyTeardown.correct, { replay })).toMatchObject({ schedules: 1 })
  })

  it('fails for the same reason in the same schedule each time', async () => {
    const [one, other] = [await failureOf(hastyTeardown.defective), await failureOf(hastyTeardown.defective)]
    expect(other.message).toBe(one.message)
  })

  it('finds that all wait for ever', async () => {
    const { findings } = await failureOf(twoLocks.defective)
    expect(findings[0]).toMatchObject({ check: 'progress' })
  })

  it('finds what is left open, unless it is told to let it be', async () => {
    const leave = () => void createServer().listen(7000, '127.0.0.1')
    const { findings } = await failureOf(leave, { schedules: 5 })
    expect(findings[0]).toMatchObject({ check: 'leftovers', message: expect.stringContaining('listening on 7000') })
    await explore(leave, { schedules: 5, leftovers: false })
  })

  it('gives the same hash for the same seed, and another one for another', async () => {
    const run = () => Promise.all(['a', 'b', 'c'].map(touch))
    const [first, again, other] = [1, 1, 2].map((seed) => explore(run, { seed, schedules: 50 }))
    expect((await again!).traceHash).toBe((await first!).traceHash)
    expect((await other!).traceHash).not.toBe((await first!).traceHash)
  })

  it('says when new orders have stopped coming', async () => {
    const run = () => Promise.all(['a', 'b', 'c'].map(touch))
    expect(await explore(run, { schedules: 20 })).toMatchObject({ saturated: false })
    expect(await explore(run, { schedules: 300 })).toMatchObject({ saturated: true, distinct: 6, exhausted: false })
  })

  it('runs all orders of something small, and says so only when it has', async () => {
    const run = () => Promise.all(['a', 'b', 'c', 'd'].map(touch))
    const all = await explore(run, { strategy: 'exhaustive' })
    expect(all).toMatchObject({ schedules: 24, distinct: 24, exhausted: true, note: null })
    const some = await explore(run, { strategy: 'exhaustive', schedules: 23 })
    expect(some).toMatchObject({ schedules: 23, exhausted: false })
    expect(some.note).toMatch(/^Not all orders were checked: after 23 a bound was reached/)
  })

  it('finds by running all orders what fails in one of them', async () => {
    const run = async () => {
      const order: string[] = []
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => touch(name).then(() => order.push(name))))
      if (order.join('') === 'dcba') throw new Error('in this order it fails')
    }
    const { message } = await failureOf(run, { strategy: 'exhaustive' })
    expect(message).toContain('in this order it fails')
  })

  it('ends when it is told to, and counts what was seen', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const { schedules, ...found } = await explore(() => touch('a'), {
      schedules: 10_000_000,
      signal: controller.signal,
    })
    expect(found).toMatchObject({ interrupted: true, note: expect.stringMatching(/^It was interrupted after /) })
    expect(schedules).toBeGreaterThan(0)
    expect(schedules).toBeLessThan(10_000_000)
  })

  it('refuses a strategy that does not exist, with those that do', async () => {
    await expect(explore(() => {}, { strategy: 'magic' })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_NAME',
      message: "there is no strategy 'magic'; there are portfolio, natural, random, delay, pct, pos, surw, exhaustive",
    })
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses to run %d schedules, which would find nothing', async (schedules) => {
    const refused = explore(() => {}, { schedules }).catch((thrown: unknown) => thrown)
    expect(await refused).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('expected schedules to be'),
    })
  })

  it('tells of what a function threw also what caused it', async () => {
    const { message } = await failureOf(() => fetch('http://127.0.0.1:8081/'), { schedules: 1 })
    expect(message).toContain('assertion: TypeError: fetch failed (Error: connect ECONNREFUSED 127.0.0.1:8081)')
  })

  it('refuses to run inside a schedule', async () => {
    const { message } = await failureOf(() => explore(() => {}), { schedules: 1 }).catch((error) => ({
      message: String(error),
    }))
    expect(message).toContain('one simulation does not nest in another')
  })
})
