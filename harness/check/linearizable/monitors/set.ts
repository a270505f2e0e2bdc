import { type Monitor, type MonitorAnswer, never, type Operation } from '../../../model.ts'
import { show } from '../wording.ts'
import { EarliestFirst } from './earliest-first.ts'
import { type RankedCalls, ranked } from './ranked-calls.ts'

/**
 * One element of a set, whose every call says whether it changed anything: no choice is ever open, so one sweep over
 * time decides.
 *
 * The element is in or out. A call that leaves it as it is takes effect at the first moment at which its answer is
 * right. The element moves as late as possible: only when a call that must return now needs it to. Of the open calls
 * that move it the one that must return first does so, as they are exchangeable; a pending call does so when there is no
 * other. What the engine's reductions leave of this kind of history is just that, so this is their special case.
 */
export const setMonitor: Monitor = {
  name: 'set monitor',
  complexity: 'O(n log n), a sweep over each element',
  judge,
}

function judge(operations: readonly Operation[]): MonitorAnswer {
  const unsuited = operations.find((operation) => !isSuited(operation))
  if (unsuited !== undefined) return { verdict: 'unsuited', reason: whyUnsuited(unsuited) }
  return new Sweep(operations).judge()
}

function isSuited({ f, known, output }: Operation): boolean {
  return f !== 'read' && (!known || typeof output === 'boolean')
}

function whyUnsuited({ f }: Operation): string {
  return f === 'read' ? 'the whole set was read' : `a call of '${f}' does not say whether it changed anything`
}

class Sweep {
  readonly #operations: readonly Operation[]
  readonly #ranks: RankedCalls
  /** Open calls that move the element: out of the set, and into it. */
  readonly #movers: readonly [EarliestFirst, EarliestFirst]
  /** Pending calls that may move it, out and in. */
  readonly #pending: readonly [number[], number[]] = [[], []]
  /** Open calls that wait for the element to be out, and to be in. */
  readonly #waiting: readonly [number[], number[]] = [[], []]
  readonly #placed: Uint8Array
  #inside: 0 | 1 = 0
  #lastMove = -1

  constructor(operations: readonly Operation[]) {
    this.#operations = operations
    this.#ranks = ranked(operations)
    this.#movers = [new EarliestFirst(this.#ranks.end), new EarliestFirst(this.#ranks.end)]
    this.#placed = new Uint8Array(operations.length)
  }

  judge(): MonitorAnswer {
    const count = this.#operations.length
    for (const node of nodesByRank(this.#ranks)) {
      if (node === -1) continue
      if (node < count) this.#begin(node)
      else if (!this.#finish(node - count)) return this.#stuckAt(node - count)
    }
    return { verdict: 'valid' }
  }

  #begin(call: number): void {
    const { f, known, output } = this.#operations[call]!
    if (f === 'contains') {
      if (known) this.#observe(call, output === true ? 1 : 0)
    } else {
      const into = f === 'add' ? 1 : 0
      if (!known) this.#pending[into].push(call)
      else if (output === true) this.#movers[into].add(call)
      else this.#observe(call, into)
    }
  }

  /** The call's answer is right while the element is where it says. */
  #observe(call: number, inside: 0 | 1): void {
    if (this.#inside === inside) this.#placed[call] = 1
    else this.#waiting[inside].push(call)
  }

  /** Moves the element until the call has its place; false when nothing can move it. */
  #finish(call: number): boolean {
    while (this.#placed[call] === 0) if (!this.#move()) return false
    return true
  }

  #move(): boolean {
    const into = this.#inside === 1 ? 0 : 1
    const mover = this.#movers[into].take() ?? this.#pending[into].pop()
    if (mover === undefined) return false
    this.#placed[mover] = 1
    this.#lastMove = mover
    this.#inside = into
    for (const call of this.#waiting[into]) this.#placed[call] = 1
    this.#waiting[into].length = 0
    return true
  }

  #stuckAt(call: number): MonitorAnswer {
    const operation = this.#operations[call]!
    const where = this.#inside === 1 ? 'in the set' : 'not in the set'
    const since = this.#lastMove === -1 ? [] : [this.#operations[this.#lastMove]!]
    return {
      verdict: 'invalid',
      reason: `${show(operation.input)} was ${where}, and no other call could have changed that`,
      witness: [...since, operation],
      alone: false,
    }
  }
}

/** Calls (their number) and returns (the number of calls more) by rank; -1 where there is neither. */
function nodesByRank({ start, end, events }: RankedCalls): Int32Array {
  const nodes = new Int32Array(events + 1).fill(-1)
  for (let call = 0; call < start.length; call++) {
    nodes[start[call]!] = call
    if (end[call]! !== never) nodes[end[call]!] = start.length + call
  }
  return nodes
}
