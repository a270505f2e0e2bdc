import type { Answer, Model, Operation } from '../../model.ts'
import { anything, impossible } from '../../model.ts'
import { type Identity, identity, same } from './identity.ts'

/** The number that stands for "this call cannot take effect here". */
export const nowhere = -1

const empty = -1
/** A guess at what an entry of a Map and of an array costs, beside its contents. */
const stateBytes = 64

/**
 * The states met so far, as numbers, and which call leads from which to which. The model's code runs once for each
 * state and class of calls; the rest is a look-up in one open-addressed table of integers.
 */
export class Transitions {
  readonly #model: Model
  readonly #examples: readonly Operation[]
  readonly #canonical: (state: unknown) => unknown
  readonly #states: unknown[] = []
  readonly #numbers = new Map<Identity, number>()
  #stateBytes = 0
  #capacity: number
  #used = 0
  /** Three integers a slot: state (or `empty`), class, next state. */
  #table: Int32Array

  constructor(model: Model, examples: readonly Operation[], canonical: (state: unknown) => unknown) {
    this.#model = model
    this.#examples = examples
    this.#canonical = canonical
    this.#capacity = 1 << Math.ceil(Math.log2(4 * examples.length + 64))
    this.#table = new Int32Array(3 * this.#capacity).fill(empty)
    this.#numberOf(canonical(model.init))
  }

  /** What the tables hold, roughly. */
  get bytes(): number {
    return this.#table.byteLength + this.#stateBytes
  }

  stateOf(number: number): unknown {
    return this.#states[number]
  }

  /** The state after a call of this class in this state, or `nowhere`. State 0 is the first. */
  next(state: number, callClass: number): number {
    const table = this.#table
    let slot = this.#slotOf(state, callClass)
    while (table[slot] !== empty) {
      if (table[slot] === state && table[slot + 1] === callClass) return table[slot + 2]!
      slot = slot + 3 === table.length ? 0 : slot + 3
    }
    const next = this.#compute(this.#states[state], this.#examples[callClass]!)
    this.#remember(state, callClass, next)
    return next
  }

  #compute(state: unknown, operation: Operation): number {
    const next = nextState(this.#model, state, operation)
    return next === impossible ? nowhere : this.#numberOf(this.#canonical(next))
  }

  #numberOf(state: unknown): number {
    const id = identity(state)
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    this.#numbers.set(id, this.#states.length)
    this.#stateBytes += stateBytes + (typeof id === 'string' ? 4 * id.length : 0)
    return this.#states.push(state) - 1
  }

  #slotOf(state: number, callClass: number): number {
    // The calls open at once have classes close to each other, and so are their entries for one state.
    return 3 * (((Math.imul(state, 0x9e3779b1) >>> 8) + callClass) & (this.#capacity - 1))
  }

  #remember(state: number, callClass: number, next: number): void {
    if (2 * ++this.#used > this.#capacity) this.#grow()
    const table = this.#table
    let slot = this.#slotOf(state, callClass)
    while (table[slot] !== empty) slot = slot + 3 === table.length ? 0 : slot + 3
    table[slot] = state
    table[slot + 1] = callClass
    table[slot + 2] = next
  }

  #grow(): void {
    const old = this.#table
    this.#capacity *= 2
    this.#used = 1
    this.#table = new Int32Array(3 * this.#capacity).fill(empty)
    for (let slot = 0; slot < old.length; slot += 3) {
      if (old[slot] !== empty) this.#remember(old[slot]!, old[slot + 1]!, old[slot + 2]!)
    }
  }
}

/** The state after the operation, or `impossible` when the operation cannot have had this answer in this state. */
export function nextState(model: Model, state: unknown, operation: Operation): unknown {
  const { f, input, client, known, output } = operation
  const apply = model.apply[f]
  if (apply === undefined) {
    const answer: Answer = known ? { known, output } : { known: false }
    return model.step[f]!(state, input, answer, client)
  }
  const effect = apply(state, input, client)
  if (effect === impossible) return impossible
  const [computed, next] = effect
  return !known || computed === anything || same(computed, output) ? next : impossible
}
