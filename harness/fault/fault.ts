/**
 * A fault is a value that says what to do to a link or to the target's process; a world supplies both. Faults on a
 * link keep until they are healed, except those that end it (reset, half-open).
 */
export interface Fault {
  readonly name: string
  /** What it does, with its figures, for the record; starts with the name: `latency 20 ms + [0, 10] ms`. */
  readonly description: string
  readonly target: 'link' | 'process'
  /** It ends the link that it hits, so that there is nothing to heal on it. */
  readonly momentary?: true
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

/** Which way a fault works: `up` to the target, `down` to the client. */
export type Direction = 'up' | 'down' | 'both'

/** The target's process, as far as a fault may touch it. */
export interface FaultableProcess {
  kill(signal: NodeJS.Signals): void
  /** Starts it again with what it had kept on disk, as its supervisor would. Clients find it at the same address. */
  restart(): void
}

/** Throws a RangeError unless the direction is one of the three. For constructors of faults, whose callers may be JavaScript. */
export function expectDirection(direction: Direction): void {
  if (direction !== 'up' && direction !== 'down' && direction !== 'both') {
    throw new RangeError(`expected direction to be 'up', 'down' or 'both', got ${JSON.stringify(direction)}`)
  }
}

/** Throws a RangeError unless the value is a finite number of at least `least`. */
export function expectNumber(name: string, value: number, least: number): void {
  if (!(Number.isFinite(value) && value >= least)) {
    throw new RangeError(`expected ${name} to be a number of at least ${least}, got ${value}`)
  }
}
