import { Lane } from '../core/lane.ts'
import type { Simulation } from '../core/simulation.ts'

/** When a fault begins and ends, in virtual time from now. */
export interface FaultTimes {
  readonly fromMs: number
  /** It stays until something else heals it when this is left out. */
  readonly untilMs?: number | undefined
}

/**
 * Puts the beginning and the end of a fault into the schedule, as events of a lane of their own: strategies move them among
 * the others within the usual window, the trace shows them, and they can be held. The lane is called after the fault, so
 * that leaving out one fault does not rename another. Returns what takes back those that have not happened.
 */
export function scheduleFault(
  simulation: Simulation,
  name: string,
  { fromMs, untilMs }: FaultTimes,
  what: { description: string; start(): void; heal(): void },
): () => void {
  const lane = new Lane(`fault#${name}`, simulation.nodeNamed('network'), 'poll')
  const { windowMs } = simulation
  const onAll = (act: () => void) => () => {
    simulation.touchEverything()
    act()
  }
  simulation.push(lane, { label: `start: ${what.description}`, delayMs: fromMs, windowMs, run: onAll(what.start) })
  if (untilMs !== undefined) {
    simulation.push(lane, { label: `heal: ${what.description}`, delayMs: untilMs, windowMs, run: onAll(what.heal) })
  }
  return () => simulation.cancelAll(lane)
}
