/**
 * A fault is a value that says what to do to a link or to the target's process; a world supplies both. Faults on a
 * link keep until they are healed, except those that end it (reset, half-open).
 */
export interface Fault {
  readonly name: string
  /** What it does, with its figures, for the record; starts with the name: `latency 20 ms + [0, 10] ms`. */
  readonly description: string
  readonly target: 'link' | 'process' | 'files' | 'clock'
  /** It ends the link that it hits, so that there is nothing to heal on it. */
  readonly momentary?: true
  /** Puts the fault on a link, and returns what heals it. */
  readonly onLink?: (link: FaultableLink) => () => void
  /** Does it to the target's process, and returns what heals it. */
  readonly onProcess?: (process: FaultableProcess) => () => void
  /** Puts it on the disk that the target's processes share, and returns what heals it. */
  readonly onFiles?: (files: FaultableFiles) => () => void
  /** Does it to the calendar of the target's process, and returns what heals it. */
  readonly onClock?: (clock: FaultableClock) => () => void
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
  /** Loses everything both ways, FIN and RST too; after healing what was sent comes when TCP sends it again, in order. */
  partition(): () => void
  /** Lets what is sent in one go arrive in so many reads, as far as it has as many bytes, cut at places drawn from the seed. */
  split(direction: Direction, pieces: number): () => void
  /** Keeps bytes for so long, and lets all that came by then arrive in one read. */
  merge(direction: Direction, withinMs: number): () => void
  /** Ends the link when so much more has passed, counted from now in each direction by itself. */
  cut(direction: Direction, after: CutAfter, ending: CutEnding): () => void
  /** Ends both sides with a real RST. */
  reset(): void
  /** The client vanishes without FIN or RST reaching the target, which still believes in the connection. */
  halfOpen(): void
}

/** Where a link is cut: after so many bytes, or so many writes of the sender (live: reads of the proxy, which may join writes). */
export type CutAfter = { readonly bytes: number } | { readonly messages: number }

/** How a link is cut: with an RST to both sides, or with a FIN to both, as of a proxy that leaves. */
export type CutEnding = 'reset' | 'end'

/** Which way a fault works: `up` to the target, `down` to the client. */
export type Direction = 'up' | 'down' | 'both'

/** The target's process, as far as a fault may touch it. */
export interface FaultableProcess {
  kill(signal: NodeJS.Signals): void
  /** Starts it again with what it had kept on disk, as its supervisor would. Clients find it at the same address. */
  restart(): void
  /** Lets nothing happen in it. Returns what lets it go on where it was. */
  pause(): () => void
}

/** The calendar of the target's process (`Date`), as far as a fault may touch it. Its monotonic clock always runs on. */
export interface FaultableClock {
  /** Sets it forward, or back when negative, and returns what sets it right again. */
  jump(byMs: number): () => void
}

/** Which operations on files a fault hits. */
export interface FileTarget {
  /** The system calls, as errors of Node name them (`open`, `write`, `rename`, `fsync`, …); all when left out. */
  readonly operations?: readonly string[] | undefined
  /** A part of the path as the target gave it, or a pattern for it; every path when left out. */
  readonly path?: string | RegExp | undefined
  /** The share of those operations that it hits, in (0, 1]; all when left out. */
  readonly share?: number | undefined
}

/** The disk of the target, as far as a fault may touch it. */
export interface FaultableFiles {
  /** Lets operations fail with an error of that code, and do nothing. */
  fail(target: FileTarget, code: string): () => void
  /** Lets writes take only a part of their bytes, as a full disk or a signal may. The call says how many they were. */
  shorten(target: Omit<FileTarget, 'operations'>): () => void
  /** Lets a crash of a process lose the end of what it had written to a file and not synced, as a power cut does. */
  tear(target: Omit<FileTarget, 'operations' | 'share'>): () => void
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

/** Throws a RangeError unless the value is in (0, 1]. */
export function expectShare(share: number): void {
  if (!(share > 0 && share <= 1)) throw new RangeError(`expected share to be in (0, 1], got ${share}`)
}
