import type { Access, Operation, OperationKind } from './operation.ts'

/** Something that was read, and can be asked what it holds now. */
export interface Source {
  current(): unknown
}

/** A word that a thread has read, and what it found there. */
interface Read {
  access: Access
  source: Source
  value: unknown
  times: number
  /** The round in which it was read last. Reads of earlier rounds count no more, and are only kept to be used again. */
  round: number
  /** Its number among the reads of the round, by the first time. */
  place: number
}

/** How often a word may be found unchanged before its reader counts as one that spins. */
const spinAfter = 4

/**
 * What a thread has read since it last changed something, which begins a new round. A thread that reads the same again and
 * again turns in a circle: it is not scheduled until something that it has read is different, so that a spin loop is a way to
 * wait, and not an endless number of schedules.
 */
export class Rereads {
  readonly #reads = new Map<number, Read>()
  #round = 0
  /** How many words were read in this round. */
  #count = 0

  /** Whether the thread has read something so often that it is waiting for a change. */
  get spins(): boolean {
    return this.#current().some(({ times }) => times >= spinAfter)
  }

  /** A thread has changed something, so that its next round may be another. */
  clear(): void {
    if (this.#count === 0) return
    this.#count = 0
    this.#round++
  }

  /** The thread has read, by an access that does not write. */
  note(access: Access, value: unknown, source: Source): void {
    const known = this.#reads.get(access.from)
    if (known === undefined) {
      const [round, place] = [this.#round, this.#count++]
      this.#reads.set(access.from, { access, source, value, times: 1, round, place })
    } else if (known.round === this.#round && known.value === value) known.times++
    else this.#renew(known, { access, value, source })
  }

  /** The operation; when it would only read once more what it has read often enough, one that waits for a change. */
  delayed(operation: Operation): Operation {
    if (this.#count === 0) return operation
    const read = this.#reads.get(operation.accesses[0]?.from ?? Number.NaN)
    if (read === undefined || read.round !== this.#round || read.times < spinAfter) return operation
    return this.untilChange(operation)
  }

  /** The operation, once something that was read has changed. */
  untilChange(operation: Operation): Operation {
    return this.#count === 0 ? operation : new UntilChange(operation, this.#current())
  }

  #renew(read: Read, { access, value, source }: Pick<Read, 'access' | 'value' | 'source'>): void {
    if (read.round !== this.#round) {
      read.round = this.#round
      read.place = this.#count++
    }
    read.access = access
    read.value = value
    read.source = source
    read.times = 1
  }

  /** The reads of this round, in the order in which they were made first. */
  #current(): Read[] {
    const reads = [...this.#reads.values()].filter(({ round }) => round === this.#round)
    return reads.map((read) => ({ ...read })).sort((one, other) => one.place - other.place)
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
    return this.insisting.enabled() && this.#reads.some(({ value, source }) => source.current() !== value)
  }

  perform(): unknown {
    return this.insisting.perform()
  }
}
