import type { Model, Operation } from '../../model.ts'
import { type Identity, identity } from './identity.ts'

const pending = Symbol('pending')
const answered = Symbol('answered')

/**
 * Sorts calls into classes of equal operation, input and answer (and client, where the model asks who called). Calls of
 * one class do the same in every state, so that the model is asked once for a class and state.
 */
export class CallClasses {
  /** The class of each operation, by its place in the list. */
  readonly of: Int32Array
  /** One operation of each class. */
  readonly examples: Operation[] = []
  readonly #known = new Map<string, Map<Identity, Map<Identity, number>>>()

  constructor(model: Model, operations: readonly Operation[]) {
    this.of = new Int32Array(operations.length)
    for (let call = 0; call < operations.length; call++) this.of[call] = this.#classOf(model, operations[call]!)
  }

  #classOf(model: Model, operation: Operation): number {
    const { f, client, input, output, known } = operation
    const byInput = inner(this.#known, model.byClient ? `${f}\u0000${client}` : f)
    const byAnswer = inner(byInput, identity(input))
    const answer = known ? (model.blind.includes(f) ? answered : identity(output)) : pending
    const found = byAnswer.get(answer)
    if (found !== undefined) return found
    byAnswer.set(answer, this.examples.length)
    return this.examples.push(operation) - 1
  }
}

function inner<Key, InnerKey, Value>(outer: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  let map = outer.get(key)
  if (map === undefined) {
    map = new Map()
    outer.set(key, map)
  }
  return map
}
