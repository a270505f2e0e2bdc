import type { Fiber } from './fiber.ts'
import type { MemoryImage, SharedMemory } from './shared-memory.ts'

/**
 * What a schedule leaves behind for the next one that begins with the same steps: what its threads were answered, and what
 * memory was like after each step. A search that goes from one schedule to the next changes a late step of many; its threads
 * need not be suspended in all the steps before, since it is known what each will be told there.
 */
export class Trail {
  readonly #memory: SharedMemory
  /** What memory was like before any thread began. */
  #initial: MemoryImage = 0
  /** What it was like when all threads had begun, and after each step. */
  readonly #images: MemoryImage[] = []
  /** The thread that was answered in each step; null where it fell asleep instead. */
  readonly #answered: (number | null)[] = []
  #fibers: readonly Fiber[] = []
  #foretold: readonly number[] = []

  constructor(memory: SharedMemory) {
    this.#memory = memory
  }

  /** How many steps of the schedule are the same as in the one before. */
  get steps(): number {
    return Math.max(0, this.#foretold.length - 1)
  }

  /** The threads of these steps, and that of the step after them; empty when nothing is known. */
  get foretold(): readonly number[] {
    return this.#foretold
  }

  /** A schedule begins, of which so much is foretold. All that the last one did after that is forgotten. */
  begin(foretold: readonly number[]): void {
    const last = foretold.length > 1 ? this.#images[foretold.length - 1] : undefined
    this.#foretold = last === undefined ? [] : foretold
    this.#memory.clear(last ?? null)
    this.#forgetAfter(this.steps)
  }

  /** The threads of the schedule, once their memory has been set up. They learn what they will be answered. */
  follow(fibers: readonly Fiber[]): void {
    const before = this.#fibers
    this.#fibers = fibers
    if (this.steps > 0 && !this.#memory.is(this.#initial)) this.#foretold = []
    if (this.steps === 0) this.#startAfresh()
    else this.#tell(before)
  }

  /** A step was made. */
  add(answered: number | null): void {
    this.#answered.push(answered)
  }

  /** All that the last step leads to has happened: keeps what memory is like. */
  keep(): void {
    this.#images.push(this.#memory.image())
  }

  /** Makes memory what it was after so many steps. */
  restore(steps: number): void {
    this.#memory.restore(this.#images[steps]!)
  }

  /** Tells the threads what they will be answered, as those of the schedule before were. */
  #tell(before: readonly Fiber[]): void {
    const answers = before.map(() => 0)
    for (const thread of this.#answered) if (thread !== null) answers[thread]!++
    for (const [thread, fiber] of this.#fibers.entries()) fiber.foresee(before[thread]!, answers[thread]!)
  }

  #startAfresh(): void {
    this.#forgetAfter(0)
    this.#initial = this.#memory.image()
  }

  #forgetAfter(steps: number): void {
    this.#answered.length = steps
    this.#images.length = steps === 0 ? 0 : steps + 1
  }
}
