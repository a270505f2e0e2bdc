import type { Fault } from '../fault/fault.ts'
import type { PlannedFault } from '../fault/nemesis.ts'
import type { AuditEvent } from '../history/event.ts'
import type { ClientContext } from '../target.ts'

/** A world with a target that runs: what a round is played in, whichever world it is. */
export interface World {
  readonly faults: WorldFaults
  /** New clients. None of them has a connection yet. */
  openRound(round: number, clients: number): RoundClients
  /** Waits until a target that a fault killed is back. */
  restarted(): Promise<void>
  /** How long the harness and the target have been ready to run so far, and had no processor, in milliseconds, as far as known. */
  starvedMs(): number
  /** Waits, on the world's clock and for about this long, until the target is at rest, and counts what is open. */
  audit(round: number, timeoutMs: number, signal: AbortSignal): Promise<AuditEvent>
}

/** The faults of a storm, as far as a round and its script deal with them. */
export interface WorldFaults {
  /** Begins the storm: each planned fault starts and heals at its time. */
  start(plan: readonly PlannedFault[]): void
  /** Hits one process of the target, by its place from 0. Returns what heals it. */
  hitProcess(fault: Fault, process: number): () => void
  /** Ends the storm: nothing starts any more, and everything that is on heals. */
  healAll(): void
}

/** The clients of one round. */
export interface RoundClients {
  readonly contexts: readonly ClientContext[]
  /** What their calls threw; it is in the record. */
  readonly recordedErrors: WeakSet<object>
  /** Aborted when the round is over. */
  readonly signal: AbortSignal
  /** Ends the round: open calls end with this reason, and every connection is closed. */
  end(reason: Error): void
}
