import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../harness/check/verdict.ts'
import { type Exploration, Merger, type Outcome } from '../../../harness/explore/exploration.ts'
import { Random } from '../../../harness/random.ts'

function outcome(index: number, verdict: Verdict = 'valid', order = `order ${index}`): Outcome {
  const judged = { verdict, findings: [], history: [], clients: 0, faults: [], calls: [] }
  const told = verdict === 'valid' ? null : { choices: [], judged }
  return {
    index,
    seed: index,
    strategy: 'random',
    hash: `${order}!`,
    order,
    verdict,
    calls: 2,
    repeated: index === 1,
    told,
  }
}

function merged(outcomes: readonly Outcome[], stopsAtFirst = true): Exploration {
  const merger = new Merger({ stopsAtFirst })
  for (const each of outcomes) merger.add(each)
  return merger.merged()
}

describe('what an exploration found', () => {
  it('is the same in whatever order the outcomes come', () => {
    const outcomes = Array.from({ length: 40 }, (_, index) =>
      outcome(index, [17, 23, 31].includes(index) ? 'invalid' : 'valid'),
    )
    const first = merged(outcomes)
    for (let seed = 1; seed <= 50; seed++) expect(merged(new Random(seed).shuffle(outcomes))).toEqual(first)
    expect(first).toMatchObject({
      verdict: 'invalid',
      schedules: 18,
      distinct: 18,
      calls: 36,
      repeated: 1,
      told: { index: 17 },
    })
  })

  it('does not hang on what was run behind the first invalid schedule', () => {
    const few = merged([outcome(0), outcome(1), outcome(2, 'invalid')])
    const more = merged([
      outcome(5, 'invalid'),
      outcome(2, 'invalid'),
      outcome(9),
      outcome(1),
      outcome(0),
      outcome(7, 'unknown'),
    ])
    expect(more).toEqual(few)
  })

  it('counts all when it is not to stop at the first, and tells the first', () => {
    const all = merged(
      [outcome(3), outcome(2, 'invalid'), outcome(1, 'unknown'), outcome(0), outcome(4, 'invalid')],
      false,
    )
    expect(all).toMatchObject({ verdict: 'invalid', schedules: 5, told: { index: 2 } })
  })

  it('tells the first unknown schedule when none was invalid', () => {
    expect(merged([outcome(2, 'unknown'), outcome(1, 'unknown'), outcome(0)])).toMatchObject({
      verdict: 'unknown',
      schedules: 3,
      told: { index: 1 },
    })
  })

  it('hashes every schedule, in its place', () => {
    const hash = merged([outcome(0), outcome(1)]).traceHash
    expect(merged([outcome(0), outcome(1, 'valid', 'another order')]).traceHash).not.toBe(hash)
    expect(merged([outcome(0, 'valid', 'order 1'), outcome(1, 'valid', 'order 0')]).traceHash).not.toBe(hash)
    expect(merged([outcome(0)]).traceHash).not.toBe(hash)
  })

  it('is saturated once a fifth of the schedules, and fifty, have brought no new order', () => {
    const runOf = (fresh: number, barren: number) =>
      merged(
        Array.from({ length: fresh + barren }, (_, index) =>
          outcome(index, 'valid', `order ${Math.min(index, fresh - 1)}`),
        ),
      )
    expect(runOf(10, 49)).toMatchObject({ saturated: false, distinct: 10 })
    expect(runOf(10, 50)).toMatchObject({ saturated: true, distinct: 10 })
    expect(runOf(400, 99)).toMatchObject({ saturated: false })
    expect(runOf(400, 100)).toMatchObject({ saturated: true })
  })

  it('counts what was invalid, and what nobody can know', () => {
    const outcomes = [outcome(0, 'unknown'), outcome(1, 'invalid'), outcome(2), outcome(3, 'invalid')]
    expect(merged(outcomes, false)).toMatchObject({ schedules: 4, invalid: 2, unknown: 1 })
    expect(merged(outcomes)).toMatchObject({ schedules: 2, invalid: 1, unknown: 1 })
  })

  it('says that it was interrupted, and knows nothing then but what was wrong', () => {
    const interrupted = (outcomes: readonly Outcome[]) => {
      const merger = new Merger({ stopsAtFirst: true })
      for (const each of outcomes) merger.add(each)
      return merger.merged({ interrupted: true })
    }
    const note = 'It was interrupted after 2 schedules: what others would have shown is not known.'
    expect(interrupted([outcome(0), outcome(1)])).toMatchObject({ verdict: 'unknown', interrupted: true, note })
    expect(interrupted([outcome(0), outcome(1, 'invalid')])).toMatchObject({ verdict: 'invalid', interrupted: true })
    expect(interrupted([])).toMatchObject({ verdict: 'unknown', schedules: 0 })
    expect(merged([outcome(0)])).toMatchObject({ verdict: 'valid', interrupted: false, note: null })
  })

  it('says that not all orders were checked only where all were to be', () => {
    const merger = new Merger({ stopsAtFirst: true })
    merger.add(outcome(0))
    expect(merger.merged().note).toBeNull()
    expect(merger.merged({ exhausted: true })).toMatchObject({ exhausted: true, note: null })
    expect(merger.merged({ exhausted: false }).note).toMatch(
      /^Not all orders were checked: after 1 a bound was reached\./,
    )
  })
})
