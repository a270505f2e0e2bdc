import type { Strategy } from './strategy.ts'

/**
 * Several strategies, one schedule each in turn; one that is named more than once gets as many turns. When one of them
 * has explored everything there is nothing left for the others either.
 */
export function inTurn(strategies: readonly Strategy[], name = 'in-turn'): Strategy {
  let turn = -1
  const current = () => strategies[turn] as Strategy
  return {
    name,
    begin() {
      turn = (turn + 1) % strategies.length
      current().begin()
    },
    pick: (enabled, pending) => current().pick(enabled, pending),
    end: (pending) => current().end(pending),
  }
}
