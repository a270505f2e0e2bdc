import type { Mutex } from '../../../harness/threads/engine.ts'
import type { ThreadBody } from '../../../harness/threads/replay-fibers.ts'

/** What a program shares: fresh for each schedule, all words 0 and all mutexes free. */
export interface Shared {
  readonly memory: Int32Array
  readonly mutexes: readonly Mutex[]
}

/** One schedule's threads, and what is checked when all have ended. */
export interface Run {
  readonly threads: readonly ThreadBody[]
  final?(): void
}

/** A small program with one seeded bug. It fails by a broken promise or by a deadlock. */
export interface Program {
  /** As the published results call it. */
  readonly name: string
  readonly words: number
  readonly mutexes: number
  start(shared: Shared): Run
}

/** The bug of a program has shown. */
export class BugShown extends Error {}

/** Throws `BugShown` unless the program's promise holds. */
export function promise(holds: boolean, words: string): asserts holds {
  if (!holds) throw new BugShown(words)
}

/** The same body for several threads. */
export function times(count: number, body: ThreadBody): ThreadBody[] {
  return Array.from({ length: count }, () => body)
}
