import { appendFileSync } from 'node:fs'

/** The environment variable that turns a mutant on in a process and all that it starts: its number. */
export const mutantVariable = 'RACEPROOF_MUTANT'
/** The environment variable that names a file to which the numbers of the mutants are written whose places are reached. */
export const reachedVariable = 'RACEPROOF_REACHED'

/** Which protection is taken away, and which places were reached since somebody last asked. */
class MutationSwitch {
  off: number | null
  reached = new Set<number>()
  readonly #file = process.env[reachedVariable]

  constructor() {
    const mutant = process.env[mutantVariable]
    this.off = mutant === undefined ? null : Number(mutant)
  }

  reach(mutant: number): void {
    if (this.reached.has(mutant)) return
    this.reached.add(mutant)
    // At once, since a server may be killed at any time.
    if (this.#file !== undefined) appendFileSync(this.#file, `${mutant}\n`)
  }
}

const key = Symbol.for('raceproof.mutation')
const global = globalThis as { [key]?: MutationSwitch }

/** One for the thread: code that is compiled again, to see its plain accesses, brings a copy of this module along. */
function theSwitch(): MutationSwitch {
  global[key] ??= new MutationSwitch()
  return global[key]
}

/** Whether the protection at this place is taken away. */
export function isOff(mutant: number): boolean {
  const { off } = theSwitch()
  theSwitch().reach(mutant)
  return off === mutant
}

/** Whether a test is passed, which it never is while it is taken away. One that fails anyway was not reached. */
export function passes(mutant: number, test: unknown): boolean {
  return Boolean(test) && !isOff(mutant)
}

/** Takes one protection away, in place of the last one; null for none. */
export function turnOff(mutant: number | null): void {
  theSwitch().off = mutant
}

/** The mutants whose places were reached in this thread since the last time this was asked. */
export function takeReached(): number[] {
  const { reached } = theSwitch()
  theSwitch().reached = new Set()
  return [...reached]
}
