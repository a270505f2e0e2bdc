import type { Operation } from '../../model.ts'

/**
 * The invocations and completions of the calls that have no place in the order yet: a doubly linked list of integers, in
 * order of time, from which a call is lifted when it gets its place, and to which it returns when the search backs out
 * (Wing and Gong 1993).
 *
 * ```
 *  head → [call 0] → [call 1] → [return 1] → [call 2] → [return 0] → … → end
 *         node 0     node 1     node n + 1   node 2     node n + 0
 * ```
 *
 * Calls 0 … live-1 have an answer, the others are pending and have no return node. Both are numbered by invocation.
 */
export class UnorderedCalls {
  readonly count: number
  readonly live: number
  /** The node after each node. A lifted node keeps its own link. */
  readonly next: Int32Array
  /** When a call must have its place at the latest: the position of its return, or `never`. */
  readonly deadline: Int32Array
  /** How many live calls had begun before the return of each live call. */
  readonly begunBefore: Int32Array
  readonly head: number
  readonly #previous: Int32Array

  /** The operations are those with answers in order of invocation, then the pending ones likewise. */
  constructor(operations: readonly Operation[], live: number) {
    this.count = operations.length
    this.live = live
    this.head = this.count + live
    this.next = new Int32Array(this.head + 2)
    this.#previous = new Int32Array(this.head + 2)
    this.deadline = new Int32Array(this.count)
    for (let call = 0; call < this.count; call++) this.deadline[call] = operations[call]!.end
    this.begunBefore = new Int32Array(live)
    this.#link(operations)
  }

  /** Takes a call out of the list, with its return. */
  lift(call: number): void {
    this.#unlink(call)
    if (call < this.live) this.#unlink(this.count + call)
  }

  /** Undoes the last `lift`; lifts are undone in reverse order. */
  restore(call: number): void {
    if (call < this.live) this.#relink(this.count + call)
    this.#relink(call)
  }

  /** The call after this one in the list, its own return stepped over. */
  following(call: number): number {
    const after = this.next[call]!
    return call < this.live && after === this.count + call ? this.next[after]! : after
  }

  #unlink(node: number): void {
    const before = this.#previous[node]!
    const after = this.next[node]!
    this.next[before] = after
    this.#previous[after] = before
  }

  #relink(node: number): void {
    this.next[this.#previous[node]!] = node
    this.#previous[this.next[node]!] = node
  }

  #link(operations: readonly Operation[]): void {
    let last = this.head
    let begun = 0
    for (const node of this.#nodesInOrder(operations)) {
      if (node >= this.count) this.begunBefore[node - this.count] = begun
      else if (node < this.live) begun++
      this.next[last] = node
      this.#previous[node] = last
      last = node
    }
    const end = this.head + 1
    this.next[last] = end
    this.#previous[end] = last
  }

  /** All nodes by position. Position and node share one number, so that the sort is the native one, of numbers. */
  #nodesInOrder(operations: readonly Operation[]): Int32Array {
    const nodes = this.head
    const keys = new Float64Array(nodes)
    for (let call = 0; call < this.count; call++) {
      keys[call] = operations[call]!.start * nodes + call
      if (call < this.live) keys[this.count + call] = operations[call]!.end * nodes + this.count + call
    }
    keys.sort()
    const inOrder = new Int32Array(nodes)
    for (let place = 0; place < nodes; place++) inOrder[place] = keys[place]! % nodes
    return inOrder
  }
}
