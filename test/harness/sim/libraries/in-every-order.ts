import { expect } from 'vitest'
import { type Simulated, simulate } from '../../../../harness/sim/simulate.ts'
import { natural } from '../../../../harness/sim/strategy/natural.ts'

const seeds = Array.from({ length: 15 }, (_, seed) => seed)

/**
 * Runs a program in many orders, and expects of each that it ends well, leaves nothing behind and gives this answer.
 * Returns how many different schedules there were.
 */
export async function answersInEveryOrder<T>(program: Simulated<T>, answer: unknown): Promise<number> {
  const good = { status: 'done', findings: [], leftovers: [], value: answer }
  const { status, findings, leftovers, value, pending } = await simulate(program, { strategy: natural() })
  expect({ status, findings, leftovers, value, pending }).toEqual({ ...good, pending: [] })
  const hashes = new Set<string>()
  for (const seed of seeds) {
    const result = await simulate(program, { seed })
    const { status, findings, leftovers, value } = result
    expect({ seed, status, findings, leftovers, value }).toEqual({ seed, ...good })
    hashes.add(result.hash)
  }
  return hashes.size
}

/** Expects 20 runs of one seed to be the same schedule, to the byte on the wire, also after schedules of other seeds. */
export async function isTheSameForTheSameSeed(program: Simulated<unknown>): Promise<void> {
  const first = await simulate(program, { seed: 7 })
  expect(first.hash).not.toBe('')
  for (let repeat = 0; repeat < 20; repeat++) {
    if (repeat % 5 === 0) await simulate(program, { seed: 100 + repeat })
    const { hash, trace } = await simulate(program, { seed: 7 })
    expect(trace).toEqual(first.trace)
    expect(hash).toBe(first.hash)
  }
}
