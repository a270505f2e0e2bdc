/** What one event has touched while it ran. */
export class Footprint {
  readonly #things = new Set<string>()
  #isEverything = false

  add(thing: string): void {
    this.#things.add(thing)
  }

  addEverything(): void {
    this.#isEverything = true
  }

  /** Whether two events that can both happen now lead to the same state in either order. */
  isApartFrom(other: Footprint): boolean {
    if (this.#isEverything || other.#isEverything) return false
    for (const thing of this.#things) if (other.#things.has(thing)) return false
    return true
  }
}

/**
 * Notes what each event of a schedule touches, so that a search knows which orders cannot matter: its own process, every
 * process into which it queued an event, or took, cancelled or blocked one, and by name what processes share besides
 * (numbers that are counted, randomness, the disk, open ports). An event that moves the clock, puts a fault on or ends the
 * run touches everything. It errs on the side of touching.
 *
 * What it cannot see is memory that the functions of two processes share in JavaScript, as real processes never do.
 */
export class Footprints {
  #last = new Footprint()

  /** Of the event that ran last. */
  get last(): Footprint {
    return this.#last
  }

  /** An event of this process begins. */
  begin(process: string): void {
    this.#last = new Footprint()
    this.#last.add(process)
  }

  touch(thing: string): void {
    this.#last.add(thing)
  }

  touchEverything(): void {
    this.#last.addEverything()
  }
}
