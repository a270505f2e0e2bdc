import type { Closing, Connection } from './channel.ts'
import type { PlanEvent } from './plan-event.ts'

/**
 * What a caller is told of a watch. Events and gaps are told once and in order, whatever happens to connections; the
 * other calls tell what does happen to them.
 */
export interface WatchListener {
  onEvent(event: PlanEvent): void
  /** The events `from` to `to` are gone for good; they are not told later. */
  onGap?(from: number, to: number): void
  /** An attempt begins: which way, and after which event. */
  onAttempt?(attempt: { via: string; after: number }): void
  /** The server let the attempt in. */
  onConnection?(connection: Connection): void
  /** A connection is over. */
  onClosing?(closing: Closing): void
  /** The attempt failed before the server let it in. */
  onFailure?(failure: Error): void
}
