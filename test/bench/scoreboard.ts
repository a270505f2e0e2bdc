import { portfolio } from '../../harness/threads/strategy/portfolio.ts'
import type { Figure } from './figure.ts'
import { measure } from './scoreboard/measure.ts'
import { programs } from './scoreboard/programs.ts'

const seeds = 20
const limits = { schedules: 10_000 }

/** Takes far more schedules than all others together, so that it is left to the table. */
const hardest = 'SafeStack'

/** Schedules to the first bug of each program, under the default portfolio. */
export async function figures(): Promise<Figure[]> {
  return programs
    .filter(({ name }) => name !== hardest)
    .map((program) => {
      const { found, mean } = measure(program, portfolio, seeds, limits)
      return {
        name: `scoreboard: ${program.name}, found with ${found} of ${seeds} seeds`,
        value: mean ?? Number.NaN,
        unit: 'schedules',
        peer: null,
        peerValue: null,
        ratio: null,
        goal: `${seeds} of ${seeds}`,
        met: found === seeds,
      }
    })
}
