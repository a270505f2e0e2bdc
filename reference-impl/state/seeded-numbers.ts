import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** The random numbers of one job, equal for equal seeds. */
export class SeededNumbers {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A real number in [0, 1). */
  real(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.real() * limit)
  }
}
