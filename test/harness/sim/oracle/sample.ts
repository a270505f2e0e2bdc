import { Random } from '../../../../harness/random.ts'
import { drawProgram, play, type Step } from './program.ts'

/** A program and the orders that real Node has shown. */
export interface Sample {
  program: Step[]
  orders: string[]
}

/** A sample that was looked for in the simulation: each order with the seed that reaches it, or null. */
export interface Entry {
  program: Step[]
  orders: Record<string, number | null>
}

/** Plays random programs on the real event loop, half of the times with callbacks that take up to 3 ms. */
export async function sample(seed: string, programs: number, runs: number): Promise<Sample[]> {
  const random = new Random(seed)
  const samples: Sample[] = []
  for (let number = 0; number < programs; number++) {
    const program = drawProgram(random.fork(number))
    const orders = new Set<string>()
    for (let run = 0; run < runs; run++) {
      const draw = random.fork(`${number}/${run}`)
      orders.add(await play(program, run % 2 === 0 ? undefined : () => spin(draw)))
    }
    samples.push({ program, orders: [...orders].sort() })
  }
  return samples
}

/** Keeps the processor for a drawn time. */
function spin(random: Random): void {
  if (random.chance(0.7)) return
  const untilMs = performance.now() + 3 * random.real()
  while (performance.now() < untilMs) {}
}
