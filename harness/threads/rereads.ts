import type { Access, Operation, OperationKind } from './operation.ts'

/** A word that a thread has read, and what it found there. */
interface Read {
  readonly access: Access
  readonly value: unknown
  readonly now: () => unknown
  times: number
}

/** How often a word may be found unchanged before its reader counts as one that spins. */
const spinAfter = 4

/**
 * What a thread has read since it last changed something. A thread that reads the same again and again turns in a circle:
 * it is not scheduled until something that it has read is different, so that a spin loop is a way to wait, and not an
 * endless number of schedules.
 */
export class Rereads {
  readonly #reads = new Map<number, Read>()

  /** Whether the thread has read something so often that it is waiting for a change. */
  get spins(): boolean {
    return [...this.#reads.values()].some(({ times }) => times >= spinAfter)
  }

  /** A thread has changed something, so that its next round may be another. */
  clear(): void {
    if (this.#reads.size > 0) this.#reads.clear()
  }

  /** The thread has read, by an access that does not write. */
  note(access: Access, value: unknown, now: () => unknown): void {
    const known = this.#reads.get(access.from)
    if (known !== undefined && known.value === value) known.times++
    else this.#reads.set(access.from, { access, value, now, times: 1 })
  }

  /** The operation; when it would only read once more what it has read often enough, one that waits for a change. */
  delayed(operation: Operation): Operation {
    if (this.#reads.size === 0) return operation
    const read = this.#reads.get(operation.accesses[0]?.from ?? Number.NaN)
    return read === undefined || read.times < spinAfter ? operation : this.untilChange(operation)
  }

  /** The operation, once something that was read has changed. */
  untilChange(operation: Operation): Operation {
    const reads = [...this.#reads.values()]
    if (reads.length === 0) return operation
    return new UntilChange(operation, reads)
  }
}

/** An operation that has nothing to do before something else is read than the last time. */
class UntilChange implements Operation {
  readonly kind: OperationKind
  readonly thread: number
  readonly accesses: readonly Access[]
  readonly insisting: Operation
  readonly now?: () => unknown
  readonly missed?: () => boolean
  readonly #reads: readonly Read[]

  constructor(operation: Operation, reads: readonly Read[]) {
    this.kind = operation.kind
    this.thread = operation.thread
    this.accesses = [...operation.accesses, ...reads.map(({ access }) => access)]
    this.insisting = operation
    if (operation.now !== undefined) this.now = () => operation.now?.()
    if (operation.missed !== undefined) this.missed = () => operation.missed?.() === true
    this.#reads = reads
  }

  reached(): readonly Access[] {
    const reached = this.insisting.reached?.() ?? this.insisting.accesses
    return [...reached, ...this.#reads.map(({ access }) => access)]
  }

  enabled(): boolean {
    return this.insisting.enabled() && this.#reads.some(({ value, now }) => now() !== value)
  }

  perform(): unknown {
    return this.insisting.perform()
  }
}
