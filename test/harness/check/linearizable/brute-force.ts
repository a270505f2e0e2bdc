import { anything, impossible, type Model, never, type Operation } from '../../../../harness/model.ts'

/**
 * The plainest check there is, and the oracle for the fast one: tries every order of the calls, one call after the
 * other, and forgets nothing but the pairs of (calls placed, state) that it has been in. At most 31 calls, as placed
 * calls are bits. It shares nothing with the checker but the models.
 */
export function isLinearizable(model: Model, operations: readonly Operation[], undivided = false): boolean {
  const keys = operations.map(({ f, input }) => model.partition?.(input, f))
  if (undivided || keys.includes(undefined)) return hasOrder(model, operations)
  return [...new Set(keys)].every((key) =>
    hasOrder(
      model,
      operations.filter((_, call) => keys[call] === key),
    ),
  )
}

function hasOrder(model: Model, operations: readonly Operation[]): boolean {
  const completed = operations.reduce((bits, { known }, call) => (known ? bits | (1 << call) : bits), 0)
  const been = new Set<string>()

  const tryFrom = (placed: number, state: unknown): boolean => {
    if ((placed & completed) === completed) return true
    const here = `${placed} ${text(state)}`
    if (been.has(here)) return false
    been.add(here)
    const firstReturn = operations.reduce(
      (first, { end }, call) => ((placed & (1 << call)) === 0 ? Math.min(first, end) : first),
      never,
    )
    return operations.some((operation, call) => {
      if ((placed & (1 << call)) !== 0 || operation.start > firstReturn) return false
      const next = effect(model, state, operation)
      return next !== impossible && tryFrom(placed | (1 << call), next)
    })
  }
  return tryFrom(0, model.init)
}

function effect(model: Model, state: unknown, { f, input, client, known, output }: Operation): unknown {
  const apply = model.apply[f]
  if (apply === undefined) return model.step[f]!(state, input, known ? { known, output } : { known }, client)
  const result = apply(state, input, client)
  if (result === impossible || !known || result[0] === anything) return result === impossible ? impossible : result[1]
  return text(result[0]) === text(output) ? result[1] : impossible
}

function text(value: unknown): string {
  if (value instanceof Set) return `set ${[...value].map(text).sort().join()}`
  if (value instanceof Map) return `map ${[...value].map(text).sort().join()}`
  return JSON.stringify(value ?? null)
}
