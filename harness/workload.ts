import * as fc from 'fast-check'
import { HarnessError } from './errors.ts'
import { CallAbandoned } from './history/recorder.ts'
import type { Random } from './random.ts'
import type { ScriptContext } from './scenario.ts'

/** One kind of operation of a workload. */
export interface Operation<Client, Input> {
  /** How often it is drawn, relative to the others; a whole number of at least 1. */
  weight: number
  /** Where its inputs come from. */
  input: fc.Arbitrary<Input>
  run(client: Client, input: Input): Promise<unknown>
}

/** One drawn operation. */
export interface DrawnOperation {
  f: string
  input: unknown
}

// Each operation has an input type of its own, which a table of them cannot name.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Operations<Client> = Record<string, Operation<Client, any>>

/** Declares an operation; exists so that `run` knows the type that `input` draws. */
export function operation<Client, Input>(operation: Operation<Client, Input>): Operation<Client, Input> {
  return operation
}

/**
 * A script of weighted random operations: every client does `perClient` of them, one after the other, all clients at
 * once. What they are is drawn by fast-check from the run's seed before the first one starts, so that the same seed
 * races the same data. A refused or failed operation does not end the workload: the record holds it, and checks judge.
 */
export function workload<Client>(
  operations: Operations<Client>,
  { perClient }: { perClient: number },
): (context: ScriptContext<Client>) => Promise<void> {
  return async ({ crowd, random, takesPart }) => {
    const plans = Array.from({ length: crowd.size }, (_, index) => draw(operations, perClient, random.fork(index)))
    await crowd.attempt(async (client, index) => {
      for (const [place, { f, input }] of (plans[index] as DrawnOperation[]).entries()) {
        if (takesPart(`c${index}/${place + 1}:${f}`)) await operations[f]!.run(client, input).catch(unlessEnded)
      }
    })
  }
}

/** A call that failed is in the record; but a broken rule or the end of the phase ends the workload. */
function unlessEnded(thrown: unknown): void {
  if (thrown instanceof HarnessError || thrown instanceof CallAbandoned) throw thrown
}

/** Draws `count` operations. Throws a RangeError when there is nothing to draw from. */
export function draw<Client>(operations: Operations<Client>, count: number, random: Random): DrawnOperation[] {
  const choices = Object.entries(operations).map(([f, { weight, input }]) => {
    if (!(Number.isInteger(weight) && weight >= 1)) {
      throw new RangeError(`operation '${f}': expected its weight to be a whole number of at least 1, got ${weight}`)
    }
    return { weight, arbitrary: input.map((drawn) => ({ f, input: drawn as unknown })) }
  })
  if (choices.length === 0) throw new RangeError('a workload needs at least one operation, got none')
  const sequence = fc.array(fc.oneof(...choices), { minLength: count, maxLength: count })
  return fc.sample(sequence, { seed: random.bits() | 0, numRuns: 1 })[0] as DrawnOperation[]
}
