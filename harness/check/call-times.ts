import type { PlacedCall } from './placed-calls.ts'

/**
 * Calls about one thing, asked for by their places in the history. They are sorted when the first question comes, and
 * each question then takes O(log n).
 */
export class CallTimes {
  readonly #calls: PlacedCall[] = []
  #begunLast: RecordHolders | undefined
  #settledLast: RecordHolders | undefined

  add(call: PlacedCall): void {
    this.#calls.push(call)
    this.#begunLast = undefined
    this.#settledLast = undefined
  }

  get size(): number {
    return this.#calls.length
  }

  /** Of the calls that were over before a place, the one that began last. */
  begunLastOfSettledBefore(place: number): PlacedCall | undefined {
    this.#begunLast ??= new RecordHolders(
      this.#calls,
      ({ settled }) => settled,
      ({ begin }) => begin,
    )
    return this.#begunLast.before(place)
  }

  /** Of the calls that had begun before a place, the one that was over last. */
  settledLastOfBegunBefore(place: number): PlacedCall | undefined {
    this.#settledLast ??= new RecordHolders(
      this.#calls,
      ({ begin }) => begin,
      ({ settled }) => settled,
    )
    return this.#settledLast.before(place)
  }
}

type PlaceOf = (call: PlacedCall) => number

/** Calls in one order, with the record holder of another measure up to each of them. */
class RecordHolders {
  readonly #places: number[]
  readonly #holders: PlacedCall[] = []

  constructor(calls: readonly PlacedCall[], order: PlaceOf, measure: PlaceOf) {
    const sorted = [...calls].sort((one, other) => (order(one) < order(other) ? -1 : 1))
    this.#places = sorted.map(order)
    for (const call of sorted) {
      const holder = this.#holders.at(-1)
      this.#holders.push(holder !== undefined && measure(holder) >= measure(call) ? holder : call)
    }
  }

  before(place: number): PlacedCall | undefined {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#places[middle]! < place) low = middle + 1
      else high = middle
    }
    return this.#holders[low - 1]
  }
}
