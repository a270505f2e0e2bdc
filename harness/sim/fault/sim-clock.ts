import type { FaultableClock } from '../../fault/fault.ts'
import type { Simulation } from '../core/simulation.ts'

/** The calendar of the simulated processes of that name: of the one that runs, and of those that take its place. */
export function clockOf(simulation: Simulation, nodeName: string): FaultableClock {
  return {
    jump(byMs) {
      const node = simulation.nodeNamed(nodeName)
      node.calendarOffsetMs += byMs
      return () => {
        // A process that was started again reads the machine's clock, which nobody has moved for it.
        if (!node.hasEnded) node.calendarOffsetMs -= byMs
      }
    },
  }
}
