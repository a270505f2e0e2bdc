/** What a thread can do that other threads can notice. `read` and `write` are plain accesses, without `Atomics`. */
export type OperationKind =
  | 'load'
  | 'store'
  | 'update'
  | 'read'
  | 'write'
  | 'wait'
  | 'wake'
  | 'notify'
  | 'lock'
  | 'try-lock'
  | 'unlock'
  | 'signal'
  | 'acquire'
  | 'release'
  | 'yield'
  | 'event'
  | 'post'
  | 'deliver'
  | 'receive'

/**
 * Bytes that an operation touches, `to` excluded. Shared memory lies at addresses from 0 on; what is not memory (the
 * queue of waiters at a word, a mutex) lies below 0, so that ranges tell overlaps of unlike widths as well.
 */
export interface Access {
  readonly from: number
  readonly to: number
  readonly writes: boolean
}

/** The next step of a thread: declared first, performed when the schedule says so. */
export interface Operation {
  readonly kind: OperationKind
  readonly thread: number
  readonly accesses: readonly Access[]
  /** The mutex that it takes or lets go. */
  readonly mutex?: { readonly place: number; readonly owner: number | null }
  /** What the word that it changes holds now. */
  readonly now?: () => unknown
  /** Whether it came to nothing, as an exchange does that finds another value; known once it was performed. */
  readonly missed?: () => boolean
  /** What it reached, once it was performed, when that can be less than it might have; all of `accesses` otherwise. */
  readonly reached?: () => readonly Access[]
  /** Whether the thread has ended if this never becomes possible: an event loop with nothing left but to listen. */
  readonly optional?: boolean
  /** The same without the wait for a change, when it is one that only repeats itself. */
  readonly insisting?: Operation
  /** False while it would have to wait. */
  enabled(): boolean
  /** Does it. What comes back is what the thread sees; an operation instead is what the thread has to do before. */
  perform(): unknown
}

/** Whether the order of two operations of different threads can be noticed by anybody. */
export function conflict(one: Operation, other: Operation): boolean {
  return meet(one.accesses, other.accesses)
}

/** Whether some access meets another of the same bytes, and one of them writes. Loops, since nothing is asked more often. */
export function meet(some: readonly Access[], others: readonly Access[]): boolean {
  for (const one of some) {
    for (const other of others) {
      if (one.from < other.to && other.from < one.to && (one.writes || other.writes)) return true
    }
  }
  return false
}

/** Answers of an operation that puts the thread to sleep: the operation that ends the sleep comes next. */
export class Parked {
  readonly next: Operation

  constructor(next: Operation) {
    this.next = next
  }
}
