import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import type { CatchTask } from '../../../../harness/run/prove/proof-task.ts'
import { SimProver } from '../../../../harness/run/prove/sim-prover.ts'

const module = new URL('../../../../scenarios/services-at-once.ts', import.meta.url).href
const limits = { seeds: [1], schedules: 20, replays: 1, passes: false }

function task(defect: string, expected: string[]): CatchTask {
  return { kind: 'catch', world: 'sim', module, defect, expected, ...limits }
}

it('goes on past findings of checks that may not catch the defect, and tells them', async () => {
  const prover = await SimProver.load(module, 'lost-update', () => {})
  const { failure, checks, schedules } = await prover.look(1, task('lost-update', ['survival']))
  expect({ failure, checks, schedules }).toEqual({
    failure: null,
    checks: ['linearizable'],
    schedules: limits.schedules,
  })
})

it('makes the first failure small, shows it again, and finds an order that passes', async () => {
  const prover = await SimProver.load(module, 'lost-update', () => {})
  const { failure, checks } = await prover.look(1, task('lost-update', ['linearizable']))
  expect(checks).toContain('linearizable')
  const small = await prover.shrink(failure!)
  expect(small!.holds).toBeLessThan(3)
  expect(await small!.isSameAgain()).toBe(true)
  expect(await prover.passingOrder(1)).toMatch(/^schedule \d+ of seed 1/)
})

it('counts no alarm for the correct target', async () => {
  const prover = await SimProver.load(module, null, () => {})
  const silence = { kind: 'silence', world: 'sim', module, seed: 1, schedules: 20 } as const
  expect(await prover.silence(silence)).toMatchObject({ schedules: 20, alarms: 0, unjudged: 0, alarm: null })
})
