/**
 * What keeps the search small. Each is sound by itself and with any of the others: turning one off changes the time a
 * verdict takes, never the verdict. They exist as options for the tests that hold them to that.
 */
export interface Reductions {
  /** A call that cannot change the state is put in order as soon as its answer is right, without trying to wait. */
  pureAtOnce: boolean
  /** Of open calls with equal input and answer only the one that must end first is tried: they are exchangeable. */
  symmetry: boolean
  /**
   * Pending calls are never tried when they would change nothing; and a configuration is not searched again when the
   * same one was reached with fewer pending calls used up.
   */
  thriftyPending: boolean
  /** Calls are tried in the order in which they must end, pending ones last; not in the order in which they began. */
  deadlineOrder: boolean
  /** States that no later answer can tell apart are one state, where the model says which (`observe`). */
  quotient: boolean
}

export const allReductions: Readonly<Reductions> = {
  pureAtOnce: true,
  symmetry: true,
  thriftyPending: true,
  deadlineOrder: true,
  quotient: true,
}

/** How much a search may use before it gives up and answers `unknown`. Not a time, so that verdicts repeat. */
export interface Budget {
  /** Calls tried, over all keys. Ten million take a second or so. */
  steps: number
  /** What the search itself may hold in memory at a time, in MiB. */
  memoryMiB: number
}

export const defaultBudget: Readonly<Budget> = { steps: 40_000_000, memoryMiB: 256 }
