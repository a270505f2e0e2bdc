import '../../harness/register.ts'
import { randomInt } from 'node:crypto'
import { active } from '../../harness/sim/active.ts'
import { seedThatReaches } from '../harness/sim/oracle/reach.ts'
import { sample } from '../harness/sim/oracle/sample.ts'
import type { Figure } from './figure.ts'

const programs = 25
const runs = 60
const goalPercent = 98

/** Fresh orders of the real event loop, of programs that nobody has seen, looked for in the simulation. */
export async function figures(): Promise<Figure[]> {
  const seed = randomInt(2 ** 31)
  const samples = await sample(String(seed), programs, runs)
  const orders = samples.flatMap(({ program, orders: seen }) => seen.map((order) => ({ program, order })))
  let reached = 0
  for (const { program, order } of orders) {
    if ((await fromMacrotask(() => seedThatReaches(program, order))) !== null) reached++
  }
  const value = (100 * reached) / orders.length
  return [
    {
      name: `oracle: orders of real Node that are reproduced, ${orders.length} of seed ${seed}`,
      value,
      unit: '%',
      peer: null,
      peerValue: null,
      ratio: null,
      goal: `>= ${goalPercent} %`,
      met: value >= goalPercent,
    },
  ]
}

function fromMacrotask<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => active.real.setImmediate(() => resolve(run())))
}
