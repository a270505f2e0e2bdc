import '../../../../harness/register.ts'
import { performance as named } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs))

describe('performance', () => {
  it('tells the time of the schedule', async () => {
    const { value } = await simulate(async () => {
      const start = performance.now()
      await sleep(40)
      return [start, performance.now(), named.now(), performance.timeOrigin + performance.now() === Date.now()]
    })
    expect(value).toEqual([0, 40, 40, true])
  })

  it('marks and measures by it', async () => {
    const { value } = await simulate(async () => {
      const mark = performance.mark('begin', { detail: 7 })
      await sleep(10)
      performance.mark('middle', { startTime: 4 })
      const { startTime, duration } = performance.measure('all', 'begin')
      const parts = [
        performance.measure('part', 'middle', 'middle').duration,
        performance.measure('since zero').duration,
        performance.measure('with options', { start: 2 }).duration,
        performance.measure('with duration', { start: 2, duration: 3 }).duration,
      ]
      return [mark.startTime, mark.detail, startTime, duration, ...parts, performance.getEntriesByName('all').length]
    })
    expect(value).toEqual([0, 7, 0, 10, 0, 10, 8, 3, 1])
  })

  it('forgets the marks of earlier schedules, and of nobody else', async () => {
    performance.mark('outer')
    const marks = () => {
      performance.mark('inner')
      return performance.getEntriesByType('mark').map(({ name }) => name)
    }
    const first = (await simulate(marks)).value
    expect((await simulate(marks)).value).toEqual(first)
    expect(first).toEqual(['inner', 'outer'])
    performance.clearMarks()
  })

  it('complains as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => performance.measure('x', 'no such mark')),
      await thrownBy(() => performance.mark('x', { startTime: -1 })),
    ])
    expect(thrown).not.toContain(undefined)
  })
})

describe('process.hrtime and process.uptime', () => {
  it('tell the time of the schedule', async () => {
    const { value } = await simulate(async () => {
      const start = process.hrtime()
      const startNs = process.hrtime.bigint()
      await sleep(1500)
      return [process.hrtime(start), process.hrtime.bigint() - startNs, process.uptime()]
    })
    expect(value).toEqual([[1, 500_000_000], 1_500_000_000n, 1.5])
  })

  it('complain as the real ones do', async () => {
    expect(await sameInBothWorlds(() => thrownBy(() => process.hrtime('x' as never)))).toBeDefined()
  })
})
