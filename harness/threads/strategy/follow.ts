import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/**
 * One schedule, given by the thread of each step. A step that cannot be taken as given is skipped; after the last one the
 * running thread goes on for as long as it can, and then the first that can.
 */
export function follow(choices: readonly number[]): Strategy {
  let position = 0
  let running: number | null = null

  function given(enabled: readonly Operation[]): Operation | undefined {
    while (position < choices.length) {
      const wanted = choices[position++]
      const operation = enabled.find(({ thread }) => thread === wanted)
      if (operation !== undefined) return operation
    }
    return enabled.find(({ thread }) => thread === running)
  }

  return {
    name: 'follow',
    begin() {
      position = 0
      running = null
    },
    pick(enabled) {
      const chosen = given(enabled) ?? (enabled[0] as Operation)
      running = chosen.thread
      return chosen
    },
    end: () => false,
  }
}
