import type { Access } from '../operation.ts'

export interface TouchKind {
  readonly thread: number
  /** Without `Atomics`. */
  readonly plain: boolean
  readonly writes: boolean
}

/** An access that has happened. */
export interface Touch extends TouchKind {
  /** The thread's own time then. */
  readonly time: number
  /** Its number among the operations. */
  readonly number: number
}

/** Bytes that are accessed together, with the last access of each kind by each thread. */
export class Range {
  /** This range and all others that share bytes with it. */
  readonly overlapping: Range[] = [this]
  readonly from: number
  readonly to: number
  readonly #last: (Touch | undefined)[] = []

  constructor({ from, to }: Access) {
    this.from = from
    this.to = to
  }

  touches(): Touch[] {
    return this.#last.filter((touch) => touch !== undefined)
  }

  touch({ thread, plain, writes }: TouchKind, { time, number }: Pick<Touch, 'time' | 'number'>): void {
    this.#last[thread * 4 + (plain ? 2 : 0) + (writes ? 1 : 0)] = { thread, plain, writes, time, number }
  }
}

/** All ranges that were accessed; there are few, since code accesses the same elements again and again. */
export class Ranges {
  readonly #known = new Map<string, Range>()

  at(access: Access): Range {
    const key = `${access.from}-${access.to}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const range = new Range(access)
    for (const other of this.#known.values()) {
      if (other.from >= range.to || range.from >= other.to) continue
      other.overlapping.push(range)
      range.overlapping.push(other)
    }
    this.#known.set(key, range)
    return range
  }
}
