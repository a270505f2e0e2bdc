import type { Access, Operation } from '../operation.ts'

/** What was done last to a word. Hashes are of 64 bits, as two halves of 32. */
interface Cell {
  writtenHigh: number
  writtenLow: number
  /** The reads since, whose order does not matter. */
  readHigh: number
  readLow: number
}

/**
 * A number for what has happened in a schedule: the same for all orders of the same events in which those that conflict
 * come in the same order. Each event is hashed with the events that it depends on, and the hashes are added up.
 */
export class TraceHash {
  readonly #cells = new Map<number, Cell>()
  /** The hash of the last event of each thread, both halves. */
  readonly #last: number[] = []
  #sumHigh = 0
  #sumLow = 0
  // The hash of the event that is being added.
  #high = 0
  #low = 0

  /** The upper half. */
  get high(): number {
    return this.#sumHigh
  }

  /** The lower half. */
  get low(): number {
    return this.#sumLow
  }

  /** An operation was performed. */
  add(operation: Operation): void {
    const { thread } = operation
    const reached = operation.reached?.() ?? operation.accesses
    this.#high = this.#last[2 * thread] ?? 0
    this.#low = this.#last[2 * thread + 1] ?? 0
    this.#mix(thread + 1, 0)
    for (const access of reached) this.#follow(access)
    for (const access of reached) this.#enter(access)
    this.#last[2 * thread] = this.#high
    this.#last[2 * thread + 1] = this.#low
    this.#sumHigh = (this.#sumHigh + this.#high) | 0
    this.#sumLow = (this.#sumLow + this.#low) | 0
  }

  /** The event comes after what was done there. */
  #follow(access: Access): void {
    for (let at = firstOf(access); at <= lastOf(access); at++) {
      const cell = this.#cellAt(at)
      this.#mix(at, 0)
      this.#mix(cell.writtenHigh, cell.writtenLow)
      if (access.writes) this.#mix(cell.readHigh, cell.readLow)
    }
  }

  /** The event is what was done there last. */
  #enter(access: Access): void {
    for (let at = firstOf(access); at <= lastOf(access); at++) {
      const cell = this.#cellAt(at)
      if (access.writes) {
        cell.writtenHigh = this.#high
        cell.writtenLow = this.#low
      }
      cell.readHigh = access.writes ? 0 : (cell.readHigh + this.#high) | 0
      cell.readLow = access.writes ? 0 : (cell.readLow + this.#low) | 0
    }
  }

  #mix(high: number, low: number): void {
    const mixed = Math.imul(this.#high ^ high ^ rotated(this.#low, 15), 0x9e3779b1)
    this.#low = Math.imul(this.#low ^ low ^ (mixed >>> 15), 0x85ebca6b)
    this.#high = Math.imul(mixed ^ rotated(this.#low, 13) ^ low, 0xc2b2ae35)
    this.#low ^= this.#high >>> 16
  }

  #cellAt(at: number): Cell {
    const known = this.#cells.get(at)
    if (known !== undefined) return known
    const cell = { writtenHigh: 0, writtenLow: 0, readHigh: 0, readLow: 0 }
    this.#cells.set(at, cell)
    return cell
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

// Memory is told apart by words of four bytes, all else by its place. Narrow neighbours then seem to conflict, which
// only means that fewer schedules are taken for alike.

function firstOf({ from }: Access): number {
  return from < 0 ? from : from >> 2
}

function lastOf({ from, to }: Access): number {
  return from < 0 ? to - 1 : (to - 1) >> 2
}
