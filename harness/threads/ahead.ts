import type { Logged } from './fiber.ts'
import type { Operation } from './operation.ts'

/** What was foretold of a thread has not come true: the schedule did not begin as the one before. */
export class Unforeseen extends Error {
  constructor(thread: number) {
    super(`thread ${thread} did not do the same as in the schedule before`)
    this.name = 'Unforeseen'
  }
}

/**
 * The operations of a thread whose code has run ahead of its turns, since it is known what they will be answered. They are
 * made and performed later, when their turns come, each in the order of all threads.
 */
export class Ahead {
  readonly #thread: number
  /** What the operations will be answered. */
  readonly #known: readonly Logged[]
  /** Make these operations, and the one after them. */
  readonly #declarations: (() => Operation)[] = []
  /** What else is to be done in the thread's turns, by the number of operations before. */
  readonly #rest: { readonly after: number; readonly run: () => void }[] = []
  #performed = 0

  constructor(thread: number, known: readonly Logged[]) {
    this.#thread = thread
    this.#known = known
  }

  /** The code has come to an operation. Answers what is known of it; null for the one after all that are. */
  foresee(what: string, index: number, declare: () => Operation): Logged | null {
    const known = this.#known[this.#declarations.push(declare) - 1]
    if (known === undefined) return null
    if (known.what !== what || known.index !== index) throw new Unforeseen(this.#thread)
    return known
  }

  /** Keeps what others can notice for the thread's turn. */
  keep(run: () => void): void {
    this.#rest.push({ after: this.#declarations.length, run })
  }

  /** The code has ended. Throws when more was foretold. */
  end(): void {
    if (this.#declarations.length < this.#known.length) throw new Unforeseen(this.#thread)
  }

  /** What the thread does next, as far as its turns have come; null when it has ended. */
  next(): Operation | null {
    while (this.#rest[0]?.after === this.#performed) this.#rest.shift()!.run()
    return this.#declarations[this.#performed]?.() ?? null
  }

  /** An operation has been performed. Throws when its answer is not what was foretold. */
  answer(answer: unknown): void {
    const known = this.#known[this.#performed++]
    if (known === undefined || !Object.is(known.answer, answer)) throw new Unforeseen(this.#thread)
  }
}
