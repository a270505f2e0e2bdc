import type { Strategy } from './strategy.ts'

/** One strategy for so many schedules, and another from then on. */
export function oneAfterAnother(first: Strategy, schedules: number, second: Strategy, name: string): Strategy {
  let begun = 0
  const current = () => (begun <= schedules ? first : second)
  return {
    name,
    begin() {
      begun++
      current().begin()
    },
    pick: (enabled, pending) => current().pick(enabled, pending),
    end: (pending) => current().end(pending),
  }
}
