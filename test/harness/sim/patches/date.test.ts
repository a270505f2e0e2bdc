import '../../../../harness/register.ts'
import { types } from 'node:util'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds } from '../both-worlds.ts'

describe('Date', () => {
  it('is the calendar of the schedule, which begins on the first of January 2026', async () => {
    const { value } = await simulate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return [new Date().toISOString(), Date.now(), new Date(Date.now()).getTime(), Date().length > 20]
    })
    const now = Date.UTC(2026, 0, 1, 0, 0, 1)
    expect(value).toEqual(['2026-01-01T00:00:01.000Z', now, now, true])
  })

  it('is otherwise the real class', async () => {
    await sameInBothWorlds(() => {
      class Day extends Date {
        get isWeekend() {
          return this.getUTCDay() % 6 === 0
        }
      }
      const day = new Day('2024-03-02T10:00:00Z')
      return [
        [Date.name, Date.length, Date.UTC(2020, 1), Date.parse('2020-02-01')],
        [day.isWeekend, day instanceof Date, day.constructor === Day, new Date(5).constructor === Date],
        [types.isDate(day), structuredClone(new Date(7)).getTime(), new Date(2020, 1, 2, 3).getHours()],
        String(new Date(Number.NaN)),
      ]
    })
  })

  it('is the real one outside of schedules, for dates from inside too', async () => {
    const { value } = await simulate(() => new Date())
    expect(value).toBeInstanceOf(Date)
    expect(Date.now() - (value?.getTime() ?? 0)).toBeGreaterThan(0)
  })
})
