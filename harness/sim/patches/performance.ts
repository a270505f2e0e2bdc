import { type Performance, type PerformanceMark, type PerformanceMeasure, PerformanceObserver } from 'node:perf_hooks'
import { active } from '../active.ts'
import { epochMs } from '../core/simulation.ts'
import { refuseCalls } from '../refuse.ts'

type Mark = (this: Performance, name: string, options?: { startTime?: number }) => PerformanceMark
type Measure = (this: Performance, name: string, from?: unknown, to?: unknown) => PerformanceMeasure

interface Entries {
  mark: Mark
  measure: Measure
  markResourceTiming(...args: unknown[]): unknown
}

/**
 * `performance.now()`, `performance.timeOrigin`, marks and measures: the time of the schedule, from zero. Marks and measures
 * of a schedule are gone when the next one starts, and fetches leave no entries. What the machine does (`eventLoopUtilization`, `nodeTiming`) is real.
 */
export function patchPerformance(): void {
  const prototype = Object.getPrototypeOf(performance) as Performance
  patchClock(prototype)
  patchEntries(prototype)
  refuseCalls(PerformanceObserver.prototype, 'PerformanceObserver', ['observe'], 'performanceObserver')
}

function patchClock(prototype: Performance): void {
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

function patchEntries(prototype: Performance): void {
  const members = prototype as unknown as Entries
  const { mark, measure, markResourceTiming } = members
  const [marks, measures] = [new Set<string>(), new Set<string>()]
  active.atStart.add(() => {
    for (const name of marks) performance.clearMarks(name)
    for (const name of measures) performance.clearMeasures(name)
    marks.clear()
    measures.clear()
  })
  members.mark = function (name, options) {
    const { current } = active
    if (current === undefined) return mark.call(this, name, options)
    marks.add(String(name))
    return mark.call(this, name, { ...options, startTime: options?.startTime ?? current.nowMs })
  }
  // Node keeps what each fetch leaves here for ever, and tells of a full buffer by a real immediate.
  members.markResourceTiming = function (...args) {
    return active.current === undefined ? markResourceTiming.apply(this, args) : undefined
  }
  members.measure = function (name, from, to) {
    const { current } = active
    if (current === undefined) return measure.call(this, name, from, to)
    measures.add(String(name))
    return measure.call(this, name, span(from, to, current.nowMs))
  }
}

/** What is measured, with an end where Node would take the real clock. */
function span(from: unknown, to: unknown, nowMs: number): object {
  if (typeof from !== 'object' || from === null) return { start: from ?? 0, end: to ?? nowMs }
  const { start, duration, end } = from as { start?: unknown; duration?: unknown; end?: unknown }
  return end !== undefined || (start !== undefined && duration !== undefined) ? from : { ...from, end: nowMs }
}
