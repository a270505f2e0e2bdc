import type { Access, Operation } from './operation.ts'

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

  /** A thread has changed something, so that its next round may be another. */
  clear(): void {
    if (this.#reads.size > 0) this.#reads.clear()
  }

  note(access: Access, value: unknown, now: () => unknown): void {
    const known = this.#reads.get(access.from)
    if (known !== undefined && known.value === value) known.times++
    else this.#reads.set(access.from, { access: { ...access, writes: false }, value, now, times: 1 })
  }

  /** The operation; when it would only read once more what it has read often enough, one that waits for a change. */
  delayed(operation: Operation): Operation {
    const read = this.#reads.get(operation.accesses[0]?.from ?? Number.NaN)
    return read === undefined || read.times < spinAfter ? operation : this.untilChange(operation)
  }

  /** The operation, once something that was read has changed. */
  untilChange(operation: Operation): Operation {
    const reads = [...this.#reads.values()]
    if (reads.length === 0) return operation
    const accesses = [...operation.accesses, ...reads.map(({ access }) => access)]
    const enabled = () => operation.enabled() && reads.some(({ value, now }) => now() !== value)
    return { ...operation, accesses, enabled, insisting: operation }
  }
}
