import { randomInt } from 'node:crypto'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { entry } from '../harness/entry.ts'
import { bundledScenarios } from '../harness/run/load-scenario.ts'
import { sharesOf } from './bench/alarms/shares.ts'
import type { Figure } from './bench/figure.ts'

const scenariosOfSlice = 2
const schedules = 400
/** Far more than it takes, also where others use the machine; the benchmark is ended then, and not left alone. */
const patienceMs = 240_000

it(
  'raises no alarm against correct code, in a slice that is another one each time',
  async () => {
    const seed = randomInt(2 ** 31)
    const names = (await bundledScenarios())
      .filter(({ scenario }) => 'sim' in scenario.scale)
      .map(({ scenario }) => scenario.name)
    const drawn = Array.from(
      { length: scenariosOfSlice },
      (_, place) => names[(seed + place * 7) % names.length] as string,
    )
    const slice = ['--schedules', String(schedules), '--seed', String(seed)]
    const scenarios = [...new Set(drawn)].flatMap((name) => ['--scenario', name])
    const args = ['alarms', '--json', ...slice, ...scenarios]
    const { stdout, stderr } = await execa(process.execPath, [entry('test/bench/main'), ...args], {
      timeout: patienceMs,
    })
    const { figures } = JSON.parse(stdout) as { figures: Figure[] }
    // The seed and what was raised are in what the benchmark tells beside its figures.
    expect(
      figures.filter(({ met }) => !met),
      stderr,
    ).toEqual([])
    expect(figures.at(-1)).toMatchObject({ name: expect.stringMatching(/all together, 400 schedules/), value: 0 })
  },
  2 * patienceMs,
)

it('spreads the schedules over all strategies, and over the portfolio alone when they are few', () => {
  const shares = sharesOf(4000)
  expect(shares.map(({ strategy }) => strategy).sort()).toEqual(
    ['delay', 'exhaustive', 'natural', 'pct', 'portfolio', 'pos', 'random', 'surw'].sort(),
  )
  expect(shares.reduce((sum, share) => sum + share.schedules, 0)).toBe(4000)
  expect(sharesOf(300)).toEqual([{ strategy: 'portfolio', schedules: 300 }])
})
