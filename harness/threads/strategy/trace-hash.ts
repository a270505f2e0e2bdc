import type { Access, Operation } from '../operation.ts'

/** What was done last to a word. */
interface Cell {
  written: number
  /** The reads since, whose order does not matter. */
  read: number
}

/**
 * A number for what has happened in a schedule: the same for all orders of the same events in which those that conflict
 * come in the same order. Each event is hashed with the events that it depends on, and the hashes are added up.
 */
export class TraceHash {
  readonly #cells = new Map<number, Cell>()
  readonly #last: number[] = []
  #value = 0

  get value(): number {
    return this.#value
  }

  /** An operation was performed. */
  add(operation: Operation): void {
    const { thread } = operation
    const reached = operation.reached?.() ?? operation.accesses
    let hash = mix(this.#last[thread] ?? 0, thread + 1)
    for (const access of reached) {
      for (let at = firstOf(access); at <= lastOf(access); at++) {
        const { written, read } = this.#cellAt(at)
        hash = mix(mix(hash, at), mix(written, access.writes ? read : 0))
      }
    }
    for (const access of reached) {
      for (let at = firstOf(access); at <= lastOf(access); at++) enter(this.#cellAt(at), hash, access.writes)
    }
    this.#last[thread] = hash
    this.#value = sum(this.#value, hash)
  }

  #cellAt(at: number): Cell {
    const known = this.#cells.get(at)
    if (known !== undefined) return known
    const cell = { written: 0, read: 0 }
    this.#cells.set(at, cell)
    return cell
  }
}

function enter(cell: Cell, hash: number, writes: boolean): void {
  if (!writes) cell.read = sum(cell.read, hash)
  else {
    cell.written = hash
    cell.read = 0
  }
}

// Memory is told apart by words of four bytes, all else by its place. Narrow neighbours then seem to conflict, which
// only means that fewer schedules are taken for alike.

function firstOf({ from }: Access): number {
  return from < 0 ? from : from >> 2
}

function lastOf({ from, to }: Access): number {
  return from < 0 ? to - 1 : (to - 1) >> 2
}

/** Two 26-bit halves, so that sums and products stay exact. */
const half = 0x400_0000

function sum(one: number, other: number): number {
  return (one + other) % (half * half)
}

function mix(one: number, other: number): number {
  const high = Math.imul(Math.floor(one / half) ^ (other * 0x85eb), 0x9e3779b1)
  const low = Math.imul((one % half) ^ (high >>> 13) ^ other, 0x85ebca6b)
  const back = Math.imul(high ^ (low >>> 11), 0xc2b2ae35)
  return (back >>> 6) * half + ((low ^ (back << 7)) >>> 6)
}
