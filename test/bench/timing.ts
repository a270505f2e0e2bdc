import { Bench } from 'tinybench'

/** Does an operation so many times. */
export type Repeated = (times: number) => void | Promise<void>

const operationsInSample = 20_000

/**
 * Nanoseconds an operation, by task, in rounds: each round measures all tasks one after the other, so that whatever else
 * the machine does hits them alike, and differences can be taken round by round. Within a round, the fastest of a few
 * samples counts: noise only ever adds.
 */
export async function interleaved<Name extends string>(
  tasks: Readonly<Record<Name, Repeated>>,
  { rounds, operations = operationsInSample }: { rounds: number; operations?: number },
): Promise<Record<Name, number>[]> {
  const measured: Record<Name, number>[] = []
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const figures = await oneRound(tasks, operations)
    if (round > 0) measured.push(figures)
  }
  return measured
}

async function oneRound<Name extends string>(
  tasks: Readonly<Record<Name, Repeated>>,
  operations: number,
): Promise<Record<Name, number>> {
  const bench = new Bench({ iterations: 5, time: 0, warmup: false })
  for (const [name, repeat] of Object.entries<Repeated>(tasks)) {
    bench.add(name, async () => {
      const startMs = performance.now()
      await repeat(operations)
      return { overriddenDuration: (performance.now() - startMs) / operations }
    })
  }
  const done = await bench.run()
  const figures = done.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`benchmark '${name}' ended as ${result.state}`)
    return [name, result.latency.min * 1e6]
  })
  return Object.fromEntries(figures) as Record<Name, number>
}
