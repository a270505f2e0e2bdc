import type { Performance } from 'node:perf_hooks'
import { active } from '../active.ts'
import { epochMs } from '../core/simulation.ts'

/** `performance.now()` and `performance.timeOrigin`: the time of the schedule, from zero. */
export function patchPerformance(): void {
  const prototype = Object.getPrototypeOf(performance) as Performance
  const { now } = prototype
  const origin = Object.getOwnPropertyDescriptor(prototype, 'timeOrigin') as PropertyDescriptor
  Object.defineProperties(prototype, {
    now: {
      value(this: Performance) {
        return active.current === undefined ? now.call(this) : active.current.nowMs
      },
      writable: true,
      enumerable: true,
      configurable: true,
    },
    timeOrigin: {
      ...origin,
      get(this: Performance) {
        return active.current === undefined ? origin.get?.call(this) : epochMs
      },
    },
  })
}
