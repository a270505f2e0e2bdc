import type { History } from '../history/event.ts'

/** Tells whether the run was at rest at some moment between two times. */
export type RestBetween = (fromMs: number, untilMs: number) => boolean

/**
 * The moments at which a run was at rest: faults healed, everything given time to finish. Each audit begins with one.
 * What is open at such a moment is open for good, and what had not come by then never comes; so only with a moment of
 * rest after it may anything be concluded from what is missing. A run that was broken off may have none. A history
 * without phases was written whole: it is at rest at its end, when nothing can end any more.
 */
export function restsOf(history: History): RestBetween {
  const phases = history.filter((event) => event.type === 'phase')
  if (phases.length === 0) return (_, untilMs) => untilMs === Number.POSITIVE_INFINITY
  const restsMs = phases.filter(({ phase }) => phase === 'audit').map(({ timeMs }) => timeMs)
  return (fromMs, untilMs) => restsMs.some((restMs) => fromMs < restMs && restMs < untilMs)
}

/** When the harness began to stop the target; never (Infinity) in a history that does not tell. */
export function stopMs(history: History): number {
  const stop = history.findLast((event) => event.type === 'phase' && event.phase === 'stop')
  return stop?.timeMs ?? Number.POSITIVE_INFINITY
}
