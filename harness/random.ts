import { createHash } from 'node:crypto'

/**
 * The one random source of a run: seeded, forked by role, so that drawing more numbers in one place
 * never shifts the numbers of another.
 *
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018) on four 32-bit words that come from SHA-256 of `seed/role`. Not for secrets.
 */
export class Random {
  readonly #label: string
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number | string) {
    this.#label = String(seed)
    const digest = createHash('sha256').update(this.#label).digest()
    this.#a = digest.readInt32LE(0)
    this.#b = digest.readInt32LE(4)
    this.#c = digest.readInt32LE(8)
    this.#d = digest.readInt32LE(12) | 1
  }

  /** An independent source for one role, equal for equal seeds and roles, whatever was drawn before. */
  fork(role: string | number): Random {
    return new Random(`${this.#label}/${role}`)
  }

  /** The next 32 random bits, as an integer in [0, 2³²). */
  bits(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  /** A real number in [0, 1). */
  real(): number {
    return this.bits() / 0x1_0000_0000
  }

  /** An integer in [from, to], both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.real() * (to - from + 1))
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.real() < probability
  }

  /** One of the items, each equally likely. Throws a RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('pick() expects at least one item, got none')
    return items[this.integer(0, items.length - 1)] as T
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items]
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.integer(0, last)
      ;[copy[last], copy[other]] = [copy[other] as T, copy[last] as T]
    }
    return copy
  }
}
