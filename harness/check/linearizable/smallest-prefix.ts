import { type Model, never, type Operation } from '../../model.ts'
import { decide, type Failure } from './decide.ts'

/** A failure of a beginning of the history, and where that ends. */
export interface PrefixFailure {
  /** The failure of the calls as they stood then. */
  failure: Failure
  /** The position of the last event of the beginning. */
  end: number
  /** Whether it is proved that no shorter beginning is impossible. */
  smallest: boolean
}

/** Enough for the few calls that can still matter; a beginning that takes more is left undecided. */
const budget = { steps: 500_000, memoryMiB: 16 }
/** Larger histories are explained without the proof that nothing shorter is impossible. */
const callsAtMost = 200_000

/**
 * Finds the smallest beginning of a history that is impossible. Beginnings of linearizable histories are linearizable,
 * so that it can be looked for by halving. What counts of a beginning are the answers given within it: the return that a
 * search could not get past is only where to start, as the search knows answers that came later.
 */
export function smallestPrefix(model: Model, operations: readonly Operation[], failure: Failure): PrefixFailure {
  let found = withinPart(model, failure)
  while (failure.part.key !== null) {
    if (operations.length > callsAtMost) return { ...found, smallest: false }
    const { verdict, failure: earlier } = decide(model, upTo(operations, found.end - 1), { budget })
    if (earlier === null) return { ...found, smallest: found.smallest && verdict === 'valid' }
    found = withinPart(model, earlier)
  }
  return found
}

/** The calls as they stood at a moment: those that had not returned were pending. */
export function upTo(operations: readonly Operation[], end: number): Operation[] {
  return operations
    .filter(({ start }) => start <= end)
    .map((operation) => (operation.known && operation.end > end ? pendingFrom(operation) : operation))
}

/** The call as it looks to somebody who has not seen its end. */
export function pendingFrom(operation: Operation): Operation {
  return { ...operation, known: false, output: undefined, end: never }
}

function withinPart(model: Model, failure: Failure): PrefixFailure {
  const { part, from, to } = failure
  if (from === to) return { failure, end: to, smallest: true }
  if (part.operations.length > callsAtMost) return { failure, end: to, smallest: false }
  return new Halving(model, failure).run()
}

/** Looks for the first return, among those in question, with which a part becomes impossible. */
class Halving {
  readonly #model: Model
  readonly #failure: Failure
  /** The places of the returns in question, in order. The last is bad: the calls up to it are impossible. */
  readonly #ends: number[]
  #good = -1
  #bad: number
  #found: Failure
  #gaveUp = false

  constructor(model: Model, failure: Failure) {
    const { part, from, to } = failure
    this.#model = model
    this.#failure = failure
    this.#found = failure
    const ends = part.operations.filter(({ known, end }) => known && end >= from && end <= to).map(({ end }) => end)
    this.#ends = ends.sort((one, other) => one - other)
    this.#bad = this.#ends.length - 1
  }

  run(): PrefixFailure {
    // A monitor's upper bound is mostly the answer, and so is a search's lower bound.
    if (this.#failure.by.kind === 'monitor') this.#try(this.#bad - 1)
    for (let step = 1; this.#good + step < this.#bad && !this.#gaveUp; step *= 2) this.#try(this.#good + step)
    while (this.#bad - this.#good > 1 && !this.#gaveUp) this.#try((this.#good + this.#bad) >> 1)
    return { failure: this.#found, end: this.#ends[this.#bad]!, smallest: !this.#gaveUp }
  }

  #try(place: number): void {
    if (place <= this.#good) return
    const calls = upTo(this.#failure.part.operations, this.#ends[place]!)
    const { verdict, failure } = decide(this.#model, calls, { budget })
    if (failure !== null) {
      this.#bad = place
      this.#found = { ...failure, part: this.#failure.part }
    } else if (verdict === 'valid') this.#good = place
    else this.#gaveUp = true
  }
}
