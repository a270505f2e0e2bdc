import { portfolio } from '../../harness/threads/strategy/portfolio.ts'
import type { Figure } from './figure.ts'
import { firstBug } from './scoreboard/first-bug.ts'
import { programs } from './scoreboard/programs/safe-stack.ts'

const seeds = 3
const schedules = 1_000_000

/** The mean of the only published strategy that found it. */
const published = 368_921

/** Schedules of the default portfolio to the bug of the hardest program of the scoreboard, which takes minutes for each seed. */
export async function figures(): Promise<Figure[]> {
  const [program] = programs
  return Array.from({ length: seeds }, (_, seed) => {
    const found = firstBug(program!, portfolio(seed), { schedules })
    return {
      name: `safestack: seed ${seed}`,
      value: found ?? Number.NaN,
      unit: 'schedules',
      peer: 'published SURW',
      peerValue: published,
      ratio: found === null ? null : published / found,
      goal: `≤ ${schedules.toLocaleString('en')}`,
      met: found !== null,
    }
  })
}
