import type { Simulation } from './core/simulation.ts'
import type { ListenHandle } from './net/listen-handle.ts'
import type { SocketHandle } from './net/socket-handle.ts'
import { natural } from './strategy/natural.ts'

/** How long the timers of libraries may run out after a schedule, in virtual time. */
const runOutMs = 3000

/** Schedules that are not over by then are cut off; what is left in them can do nothing any more. */
const runOutSteps = 2000

/**
 * Ends a schedule: destroys what is open, and lets what libraries keep in their modules (agents with idle sockets,
 * coarse clocks) learn of it, so that the next schedule finds them as this one did.
 */
export function dispose(simulation: Simulation): void {
  for (const handle of simulation.network.open) destroyOwner(handle)
  for (const holding of simulation.ledger.open) holding.dispose()
  simulation.run({
    strategy: natural(),
    untilMs: simulation.nowMs + runOutMs,
    untilStep: simulation.step + runOutSteps,
    isReached: () => false,
    keepsGoing: () => true,
  })
  simulation.end()
}

/** A handle's owner is the net.Socket or net.Server above it; Node keeps it under a private symbol. */
function destroyOwner(handle: SocketHandle | ListenHandle): void {
  const symbol = Object.getOwnPropertySymbols(handle).find(({ description }) => description === 'owner_symbol')
  const owner = symbol && (handle as unknown as Record<symbol, { destroy?(): void; close?(): void } | null>)[symbol]
  if (owner?.destroy !== undefined) owner.destroy()
  else if (owner?.close !== undefined) owner.close()
  else handle.close()
}
