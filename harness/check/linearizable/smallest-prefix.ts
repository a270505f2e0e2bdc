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

const budget = { steps: 1_000_000, memoryMiB: 64 }
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
  const { part, by } = failure
  if (by.kind === 'monitor' && by.end !== null) return { failure, end: by.end, smallest: true }
  const notBefore = by.kind === 'search' ? by.deadEnd.operation.end : 0
  const ends = part.operations.filter(({ known, end }) => known && end >= notBefore).map(({ end }) => end)
  ends.sort((one, other) => one - other)
  if (part.operations.length > callsAtMost) return { failure, end: ends.at(-1)!, smallest: false }

  let smallest = true
  const failureAt = (end: number): Failure | null => {
    const decision = decide(model, upTo(part.operations, end), { budget })
    smallest &&= decision.verdict !== 'unknown'
    return decision.failure
  }
  const end = ends[firstBad(ends.length, (place) => failureAt(ends[place]!) !== null)]!
  const atEnd = failureAt(end)
  return { failure: atEnd === null ? failure : { ...atEnd, part }, end, smallest }
}

/** The first of `count` places that is bad; the last one is, and so are all after a bad one. Looks near the begin first. */
function firstBad(count: number, isBad: (place: number) => boolean): number {
  let good = -1
  let bad = count - 1
  for (let step = 1; good + step < bad; step *= 2) {
    if (isBad(good + step)) bad = good + step
    else good += step
  }
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isBad(middle)) bad = middle
    else good = middle
  }
  return bad
}
