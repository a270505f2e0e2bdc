import { hash } from 'node:crypto'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/**
 * The one random source of a run: seeded, forked by role, so that drawing more numbers in one place never shifts the
 * numbers of another.
 *
 * The generator is fast-check's (xoroshiro128+ of pure-rand), its four words of state SHA-256 of `seed/role`, so that
 * roles with similar names still get unrelated numbers. Not for secrets.
 */
export class Random {
  readonly #label: string
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>

  constructor(seed: number | string) {
    this.#label = String(seed)
    const digest = hash('sha256', this.#label, 'buffer')
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)))
  }

  /** An independent source for one role, equal for equal seeds and roles, whatever was drawn before. */
  fork(role: string | number): Random {
    return new Random(`${this.#label}/${role}`)
  }

  /** The next 32 random bits, as an integer in [0, 2³²). */
  bits(): number {
    return this.#generator.next() >>> 0
  }

  /** A real number in [0, 1). */
  real(): number {
    return this.bits() / 0x1_0000_0000
  }

  /** An integer in [from, to], both included. */
  integer(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
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
