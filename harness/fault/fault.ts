/**
 * A fault is a value that says what to do to a link or to the target's process; a world supplies both. Faults on a
 * link keep until they are healed, except those that end it (reset, half-open).
 */
export interface Fault {
  readonly name: string
  /** What it does, with its figures, for the record: `latency 20 ms ± 10 ms`. */
  readonly description: string
  readonly target: 'link' | 'process'
  /** Puts the fault on a link, and returns what heals it. */
  readonly onLink?: (link: FaultableLink) => () => void
  /** Does it to the target's process, and returns what heals it. */
  readonly onProcess?: (process: FaultableProcess) => () => void
}

/**
 * One connection between a client and the target, seen from between them.
 *
 *     client ──up──▶ proxy ──up──▶ target
 *            ◀─down─       ◀─down─
 */
export interface FaultableLink {
  /** Delays what comes from now on by `delayMs` and a seeded jitter in [0, jitterMs], in order. */
  delay(direction: Direction, delayMs: number, jitterMs: number): () => void
  /** Lets nothing through, in order and without loss: what came meanwhile passes after healing. */
  stall(direction: Direction): () => void
  /** At most this many bytes a second pass; the sender feels it as back-pressure. */
  throttle(direction: Direction, bytesPerSecond: number): () => void
  /** Ends both sides with a real RST. */
  reset(): void
  /** The client vanishes without FIN or RST reaching the target, which still believes in the connection. */
  halfOpen(): void
}

export type Direction = 'up' | 'down' | 'both'

/** The target's process, as far as a fault may touch it. */
export interface FaultableProcess {
  kill(signal: NodeJS.Signals): void
}
