import '../../../harness/register.ts'
import { stat } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { fromMacrotask } from '../../../harness/explore/explore-subject.ts'
import { functionSubject } from '../../../harness/explore/function-subject.ts'
import { profileOf, SchedulePlan } from '../../../harness/explore/schedule-plan.ts'
import { strategiesNamed } from '../../../harness/sim/strategy/strategies.ts'

const touch = (name: string) => stat(`/nowhere/${name}`).catch(() => {})
const subject = functionSubject(() => Promise.all(['a', 'b', 'c'].map(touch)), { name: 'three', leftovers: true })

function plan(seed = 1): SchedulePlan {
  return new SchedulePlan(subject, { seed, strategies: strategiesNamed('portfolio')! })
}

it('runs the same schedule at an index, whichever were run before', async () => {
  const [one, other] = [plan(), plan()]
  const hashes = (indexes: number[], of: SchedulePlan) =>
    fromMacrotask(() => new Map(indexes.map((index) => [index, of.run(index).result.hash])))
  const upwards = await hashes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], one)
  const some = await hashes([9, 3, 7], other)
  for (const [index, hash] of some) expect({ index, hash }).toEqual({ index, hash: upwards.get(index) })
})

it('gives each schedule a seed of its own, and others for another seed', () => {
  const seeds = Array.from({ length: 100 }, (_, index) => plan().seedOf(index))
  expect(new Set(seeds).size).toBe(100)
  expect(seeds.filter((seed, index) => seed === plan(2).seedOf(index))).toEqual([])
})

it('begins with the natural order, from which the strategies learn', async () => {
  const first = await fromMacrotask(() => plan().run(0))
  expect(first.strategy).toBe('natural')
  expect(profileOf(first.result)).toEqual({
    steps: 4,
    eventsByLane: new Map([
      ['start', 1],
      ['fs#1', 1],
      ['fs#2', 1],
      ['fs#3', 1],
    ]),
  })
})
