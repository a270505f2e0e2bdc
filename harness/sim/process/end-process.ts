import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'

/**
 * Ends a process of the simulation as the kernel does, whatever it was doing: its connections are closed (with a reset where
 * it had bytes unread), its servers and pipes too, and nothing that it waited for happens any more. Its peers hear of it;
 * itself does not. Used for `process.exit`, for signals, and for crashes.
 */
export function endProcess(simulation: Simulation, node: SimNode): void {
  if (node.hasEnded) return
  simulation.touchEverything()
  for (const handle of simulation.network.open) if (handle.node === node) handle.close()
  for (const holding of simulation.ledger.open) if (holding.node === node) holding.abandon()
  simulation.processes.forgetListeners(node)
  node.hasEnded = true
  simulation.cancelNode(node)
  for (const told of node.whenEnded) told()
}

/** Ends a process that the schedule has started itself. With the schedule's own process, the schedule ends. */
export function endOwn(simulation: Simulation, node: SimNode): void {
  if (node === simulation.nodeNamed('main')) simulation.stop()
  else endProcess(simulation, node)
}
