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
}

/** How often a word may be found unchanged before its reader counts as one that spins. */
const spinAfter = 4

/** So many reads are looked through as they are, which is faster than to look them up. */
const fewReads = 8

/**
 * What a thread has read since it last changed something. A thread that reads the same again and again turns in a circle: it
 * is not scheduled until something that it has read is different, so that a spin loop is a way to wait, and not an endless
 * number of schedules.
 */
export class Rereads {
  /** In the order in which the words were read first. Only so many count; the others are kept to be used again. */
  readonly #reads: Read[] = []
  #count = 0
  /** The reads by the first byte; null as long as they are few. */
  #byPlace: Map<number, Read> | null = null

  /** Whether the thread has read something so often that it is waiting for a change. */
  get spins(): boolean {
    return this.#current().some(({ times }) => times >= spinAfter)
  }

  /** A thread has changed something, so that what it reads next may be something else. */
  clear(): void {
    this.#count = 0
    this.#byPlace = null
  }

  /** The thread has read, by an access that does not write. */
  note(access: Access, value: unknown, source: Source): void {
    const known = this.#at(access.from)
    if (known === undefined) this.#begin(access, value, source)
    else if (known.value === value) known.times++
    else renew(known, access, value, source)
  }

  /** The operation; when it would only read once more what it has read often enough, one that waits for a change. */
  delayed(operation: Operation): Operation {
    if (this.#count === 0) return operation
    const read = this.#at(operation.accesses[0]?.from ?? Number.NaN)
    return read === undefined || read.times < spinAfter ? operation : this.untilChange(operation)
  }

  /** The operation, once something that was read has changed. */
  untilChange(operation: Operation): Operation {
    if (this.#count === 0) return operation
    const reads = this.#current().map((read) => ({ ...read }))
    return new UntilChange(operation, reads)
  }

  #at(from: number): Read | undefined {
    if (this.#byPlace !== null) return this.#byPlace.get(from)
    for (let at = 0; at < this.#count; at++) {
      const read = this.#reads[at]!
      if (read.access.from === from) return read
    }
    return undefined
  }

  #begin(access: Access, value: unknown, source: Source): void {
    const used = this.#reads[this.#count]
    const read = used ?? { access, source, value, times: 1 }
    if (used === undefined) this.#reads.push(read)
    else renew(read, access, value, source)
    this.#count++
    if (this.#byPlace !== null) this.#byPlace.set(access.from, read)
    else if (this.#count > fewReads) this.#byPlace = new Map(this.#current().map((each) => [each.access.from, each]))
  }

  #current(): readonly Read[] {
    return this.#reads.slice(0, this.#count)
  }
}

function renew(read: Read, access: Access, value: unknown, source: Source): void {
  read.access = access
  read.value = value
  read.source = source
  read.times = 1
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
