import type { CallSet } from './call-set.ts'

/**
 * The configurations that the search has been in: which calls have their place, and which state that gives. Reaching
 * one again cannot lead anywhere new (Lowe 2017), which is what makes the search finish.
 *
 * Of the bits of placed calls only a window is stored: before it all are set, after it none can be. That makes the key
 * exact and short, a few words however long the history is.
 *
 * ```
 *  pool: … | state | first word | last word | window … | pending calls … | …
 * ```
 */
export class Configurations {
  readonly #placed: CallSet
  readonly #pending: CallSet
  /** A configuration that used up more pending calls than a known one is covered by it. */
  readonly #coverSupersets: boolean
  #capacity = 1 << 6
  #used = 0
  /** Where in the pool each slot's entry is; 0 is an empty slot. */
  #slots = new Int32Array(this.#capacity)
  #hashes = new Int32Array(this.#capacity)
  #pool = new Int32Array(1 << 9)
  #poolEnd = 1

  constructor(placed: CallSet, pending: CallSet, coverSupersets: boolean) {
    this.#placed = placed
    this.#pending = pending
    this.#coverSupersets = coverSupersets
  }

  get bytes(): number {
    return this.#pool.byteLength + this.#slots.byteLength + this.#hashes.byteLength
  }

  /** Whether the present configuration is covered by a known one; if not, it is known from now on. */
  known(state: number, lastWord: number): boolean {
    const hash = this.#hash(state, lastWord)
    const mask = this.#capacity - 1
    let slot = hash & mask
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] === hash && this.#covers(this.#slots[slot]!, state, lastWord)) return true
    }
    this.#slots[slot] = this.#store(state, lastWord)
    this.#hashes[slot] = hash
    if (2 * ++this.#used > this.#capacity) this.#grow()
    return false
  }

  #hash(state: number, lastWord: number): number {
    const { words, firstOpenWord } = this.#placed
    let hash = Math.imul(state + 1, 0x9e3779b1) ^ firstOpenWord
    for (let word = firstOpenWord; word <= lastWord; word++) {
      hash = Math.imul(hash ^ words[word]!, 0x85ebca6b)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0x2c1b3c6d)
    return hash ^ (hash >>> 13)
  }

  #covers(entry: number, state: number, lastWord: number): boolean {
    const pool = this.#pool
    const { words, firstOpenWord } = this.#placed
    if (pool[entry] !== state || pool[entry + 1] !== firstOpenWord || pool[entry + 2] !== lastWord) return false
    let at = entry + 3
    for (let word = firstOpenWord; word <= lastWord; word++) if (pool[at++] !== words[word]) return false
    for (const used of this.#pending.words) {
      const stored = pool[at++]!
      if (this.#coverSupersets ? (stored & ~used) !== 0 : stored !== used) return false
    }
    return true
  }

  #store(state: number, lastWord: number): number {
    const { words, firstOpenWord } = this.#placed
    const size = 3 + Math.max(0, lastWord - firstOpenWord + 1) + this.#pending.words.length
    this.#makeRoom(size)
    const entry = this.#poolEnd
    const pool = this.#pool
    pool[entry] = state
    pool[entry + 1] = firstOpenWord
    pool[entry + 2] = lastWord
    let at = entry + 3
    for (let word = firstOpenWord; word <= lastWord; word++) pool[at++] = words[word]!
    for (const used of this.#pending.words) pool[at++] = used
    this.#poolEnd = at
    return entry
  }

  #makeRoom(size: number): void {
    if (this.#poolEnd + size <= this.#pool.length) return
    const larger = new Int32Array(2 * this.#pool.length + size)
    larger.set(this.#pool)
    this.#pool = larger
  }

  #grow(): void {
    const slots = this.#slots
    const hashes = this.#hashes
    this.#capacity *= 2
    this.#slots = new Int32Array(this.#capacity)
    this.#hashes = new Int32Array(this.#capacity)
    const mask = this.#capacity - 1
    for (let old = 0; old < slots.length; old++) {
      if (slots[old] === 0) continue
      let slot = hashes[old]! & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = slots[old]!
      this.#hashes[slot] = hashes[old]!
    }
  }
}
