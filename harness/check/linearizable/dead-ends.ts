const statesKept = 4

/**
 * Remembers the latest return that any configuration of a search was held up by, and the states it was held up in. When
 * the search has found nothing, that return is the first one that no order gets past.
 */
export class DeadEnds {
  /** The call whose return it is. */
  call = -1
  readonly states: number[] = []
  moreStates = false
  #deadline = -1

  note(call: number, deadline: number, state: number): void {
    if (deadline < this.#deadline) return
    if (deadline > this.#deadline) {
      this.call = call
      this.#deadline = deadline
      this.states.length = 0
      this.moreStates = false
    }
    if (this.states.includes(state)) return
    if (this.states.length < statesKept) this.states.push(state)
    else this.moreStates = true
  }
}
