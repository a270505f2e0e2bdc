import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** The choices that lead to a state, last one first; states share what they have in common. */
interface Prefix {
  readonly thread: number
  readonly before: Prefix | null
}

/**
 * Iterative context bounding (Musuvathi, Qadeer, "Iterative context bounding for systematic testing of multithreaded
 * programs", PLDI 2007): first all schedules in which no thread is interrupted while it could go on, then those with one
 * such preemption, then two, up to the bound. Every schedule is run once.
 */
export function preemptionBound(bound = Number.POSITIVE_INFINITY): Strategy {
  let preemptions = 0
  let now: (Prefix | null)[] = [null]
  let later: Prefix[] = []
  let given: number[] = []
  let path: Prefix | null = null
  let depth = 0

  /** Keeps what could have been picked instead, for this bound or, when it interrupts a thread, for the next. */
  function branch(enabled: readonly Operation[], chosen: Operation, interrupts: boolean): void {
    if (interrupts && preemptions >= bound) return
    for (const { thread } of enabled) {
      if (thread !== chosen.thread) (interrupts ? later : now).push({ thread, before: path })
    }
  }

  return {
    name: 'preemption-bound',
    begin() {
      given = choicesOf(now.pop() ?? null)
      path = null
      depth = 0
    },
    pick(enabled) {
      const wanted = given[depth++]
      const running = enabled.find(({ thread }) => thread === path?.thread)
      const chosen = enabled.find(({ thread }) => thread === wanted) ?? running ?? (enabled[0] as Operation)
      if (wanted === undefined) branch(enabled, chosen, running !== undefined)
      path = { thread: chosen.thread, before: path }
      return chosen
    },
    end() {
      if (now.length > 0) return true
      if (later.length === 0) return false
      preemptions++
      now = later.reverse()
      later = []
      return true
    },
  }
}

function choicesOf(last: Prefix | null): number[] {
  const choices: number[] = []
  for (let at = last; at !== null; at = at.before) choices.push(at.thread)
  return choices.reverse()
}
