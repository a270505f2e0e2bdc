import type { Model, Operation } from '../../model.ts'
import { CallClasses } from './call-classes.ts'
import { CallSet } from './call-set.ts'
import { Configurations } from './configurations.ts'
import { DeadEnds } from './dead-ends.ts'
import { allReductions, type Budget, defaultBudget, type Reductions } from './reductions.ts'
import { nowhere, Transitions } from './transitions.ts'
import { UnorderedCalls } from './unordered-calls.ts'

/** Why no order of the calls can be right: the call that cannot have ended as it did, and how the object stood then. */
export interface DeadEnd {
  operation: Operation
  /** Some states that the object could be in when that call had to have its place. */
  states: unknown[]
  /** Whether there were more such states than are listed. */
  moreStates: boolean
}

export type SearchResult =
  | { verdict: 'valid'; steps: number }
  | { verdict: 'invalid'; steps: number; deadEnd: DeadEnd }
  | { verdict: 'unknown'; steps: number; exceeded: keyof Budget }

export interface SearchOptions {
  reductions?: Readonly<Reductions>
  budget?: Readonly<Budget>
}

/**
 * Looks for an order of the calls that the model allows and that respects real time. `valid` and `invalid` are proofs;
 * only the budget makes `unknown`.
 *
 * The search is that of Wing and Gong (1993), depth first, with Lowe's memory of configurations (2017). It departs from
 * both in the five {@link Reductions}, and in that pending calls need not get a place. The dead end that it reports is
 * the first return, in time, that no order gets past: every shorter history is linearizable.
 */
export function search(model: Model, operations: readonly Operation[], options: SearchOptions = {}): SearchResult {
  const { reductions = allReductions, budget = defaultBudget } = options
  return new Search(model, operations, reductions, budget).run()
}

/** What became of a configuration: a way out of it is worth trying, there is none, or every call has its place. */
type Expansion = 'open' | 'dead' | 'done'

const mebibyte = 1 << 20

class Search {
  readonly #reductions: Readonly<Reductions>
  readonly #budget: Readonly<Budget>
  /** Calls with answers in order of invocation, then pending ones likewise. */
  readonly #operations: readonly Operation[]
  readonly #live: number
  readonly #classes: Int32Array
  readonly #pure: Uint8Array
  readonly #transitions: Transitions
  readonly #unordered: UnorderedCalls
  readonly #placed: CallSet
  readonly #pendingUsed: CallSet
  readonly #configurations: Configurations
  readonly #deadEnds = new DeadEnds()
  #remaining: number
  #steps = 0

  /** The calls that have a place, in the order of their places. */
  readonly #order: Int32Array
  #orderLength = 0

  /** A frame is a configuration whose candidates are being tried: its state, the next one, the last, the order then. */
  readonly #frameState: Int32Array
  readonly #frameCursor: Int32Array
  readonly #frameEnd: Int32Array
  readonly #frameOrder: Int32Array
  #depth = 0

  /** The candidates of all frames, one after the other. */
  #candidates = new Int32Array(128)
  #candidatesEnd = 0
  /** In which expansion a class had its last candidate, and where that is. */
  readonly #classSeen: Int32Array
  readonly #classCandidate: Int32Array
  #expansion = 0

  constructor(
    model: Model,
    operations: readonly Operation[],
    reductions: Readonly<Reductions>,
    budget: Readonly<Budget>,
  ) {
    this.#reductions = reductions
    this.#budget = budget
    const readOnly = (operation: Operation) => model.readOnly?.(operation) === true
    const live = operations.filter(({ known }) => known)
    const pending = operations.filter((call) => !call.known && !(reductions.thriftyPending && readOnly(call)))
    this.#operations = [...live, ...pending]
    this.#live = live.length
    this.#remaining = live.length

    const classes = new CallClasses(model, this.#operations)
    this.#classes = classes.of
    this.#pure = Uint8Array.from(classes.examples, (call) => (reductions.pureAtOnce && readOnly(call) ? 1 : 0))
    const quotient = reductions.quotient ? model.observe?.(live) : undefined
    this.#transitions = new Transitions(model, classes.examples, quotient ?? ((state) => state))
    this.#unordered = new UnorderedCalls(this.#operations, live.length)
    this.#placed = new CallSet(live.length)
    this.#pendingUsed = new CallSet(pending.length)
    this.#configurations = new Configurations(this.#placed, this.#pendingUsed, reductions.thriftyPending)

    const size = this.#operations.length + 1
    this.#order = new Int32Array(size)
    this.#frameState = new Int32Array(size)
    this.#frameCursor = new Int32Array(size)
    this.#frameEnd = new Int32Array(size)
    this.#frameOrder = new Int32Array(size)
    this.#classSeen = new Int32Array(classes.examples.length)
    this.#classCandidate = new Int32Array(classes.examples.length)
  }

  run(): SearchResult {
    let state = 0
    while (state !== nowhere) {
      if (this.#expand(state) === 'done') return { verdict: 'valid', steps: this.#steps }
      const exceeded = this.#exceeded()
      if (exceeded !== null) return { verdict: 'unknown', steps: this.#steps, exceeded }
      state = this.#tryNext()
    }
    return { verdict: 'invalid', steps: this.#steps, deadEnd: this.#deadEnd() }
  }

  /**
   * Looks at every call that may come next: those that began before the first return that is still owed. Read-only
   * ones get their place at once; the others are the candidates of a new frame.
   */
  #expand(state: number): Expansion {
    const from = this.#candidatesEnd
    const { count } = this.#unordered
    this.#expansion++
    let call = this.#unordered.next[this.#unordered.head]!
    while (call < count) {
      const following = this.#unordered.following(call)
      const after = this.#unordered.next[call]!
      this.#steps++
      const next = this.#transitions.next(state, this.#classes[call]!)
      if (next === nowhere) call = after
      else if (this.#pure[this.#classes[call]!] === 1) {
        this.#place(call)
        call = following
      } else {
        if (next !== state || call < this.#live || !this.#reductions.thriftyPending) this.#addCandidate(call)
        call = after
      }
    }
    if (this.#remaining === 0) return 'done'
    return this.#open(state, from, call - count) ? 'open' : 'dead'
  }

  /** Makes a frame of the candidates, unless there is none or the configuration is known; `owed` must return first. */
  #open(state: number, from: number, owed: number): boolean {
    this.#deadEnds.note(owed, this.#unordered.deadline[owed]!, state)
    if (this.#candidatesEnd === from) return false
    if (this.#configurations.known(state, (this.#unordered.begunBefore[owed]! - 1) >> 5)) {
      this.#candidatesEnd = from
      return false
    }
    if (this.#reductions.deadlineOrder) this.#sortByDeadline(from)
    this.#frameState[this.#depth] = state
    this.#frameCursor[this.#depth] = from
    this.#frameEnd[this.#depth] = this.#candidatesEnd
    this.#frameOrder[this.#depth] = this.#orderLength
    this.#depth++
    return true
  }

  /** Gives the next untried candidate its place and returns the state after it, or `nowhere` when all were tried. */
  #tryNext(): number {
    for (; this.#depth > 0; this.#depth--) {
      const frame = this.#depth - 1
      this.#backTo(this.#frameOrder[frame]!)
      this.#candidatesEnd = this.#frameEnd[frame]!
      const cursor = this.#frameCursor[frame]!
      if (cursor < this.#candidatesEnd) {
        const call = this.#candidates[cursor]!
        this.#frameCursor[frame] = cursor + 1
        this.#place(call)
        return this.#transitions.next(this.#frameState[frame]!, this.#classes[call]!)
      }
    }
    return nowhere
  }

  #addCandidate(call: number): void {
    const callClass = this.#classes[call]!
    if (this.#reductions.symmetry && this.#classSeen[callClass] === this.#expansion) {
      const rival = this.#classCandidate[callClass]!
      const { deadline } = this.#unordered
      if (deadline[call]! < deadline[this.#candidates[rival]!]!) this.#candidates[rival] = call
      return
    }
    if (this.#candidatesEnd === this.#candidates.length) this.#candidates = doubled(this.#candidates)
    this.#classSeen[callClass] = this.#expansion
    this.#classCandidate[callClass] = this.#candidatesEnd
    this.#candidates[this.#candidatesEnd++] = call
  }

  #sortByDeadline(from: number): void {
    const { deadline } = this.#unordered
    const candidates = this.#candidates
    for (let index = from + 1; index < this.#candidatesEnd; index++) {
      const call = candidates[index]!
      let place = index
      while (place > from && deadline[candidates[place - 1]!]! > deadline[call]!) {
        candidates[place] = candidates[place - 1]!
        place--
      }
      candidates[place] = call
    }
  }

  #place(call: number): void {
    this.#unordered.lift(call)
    this.#order[this.#orderLength++] = call
    if (call >= this.#live) this.#pendingUsed.add(call - this.#live)
    else {
      this.#placed.add(call)
      this.#remaining--
    }
  }

  #backTo(orderLength: number): void {
    while (this.#orderLength > orderLength) {
      const call = this.#order[--this.#orderLength]!
      this.#unordered.restore(call)
      if (call >= this.#live) this.#pendingUsed.remove(call - this.#live)
      else {
        this.#placed.remove(call)
        this.#remaining++
      }
    }
  }

  #exceeded(): keyof Budget | null {
    if (this.#steps > this.#budget.steps) return 'steps'
    const bytes = this.#configurations.bytes + this.#transitions.bytes
    return bytes > this.#budget.memoryMiB * mebibyte ? 'memoryMiB' : null
  }

  #deadEnd(): DeadEnd {
    const { call, states, moreStates } = this.#deadEnds
    return {
      operation: this.#operations[call]!,
      states: states.map((state) => this.#transitions.stateOf(state)),
      moreStates,
    }
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}
