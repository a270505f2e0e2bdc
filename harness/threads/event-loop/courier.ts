import type { Operation } from '../operation.ts'
import type { ScheduledThread } from '../schedule.ts'

/**
 * Decides when an event loop hears of what one source has for it: a thread of the schedule beside those of the program, as
 * nothing orders the sources of a loop among each other. It has no code, and never ends.
 */
export class Courier implements ScheduledThread {
  readonly thread: number
  readonly answers: readonly unknown[] = []
  readonly returned = undefined
  readonly asked = 'deliver'
  readonly place = null
  pending: Operation
  readonly #next: () => Operation

  constructor(thread: number, next: () => Operation) {
    this.thread = thread
    this.#next = next
    this.pending = next()
  }

  answer(): void {
    this.pending = this.#next()
  }

  advance(): void {}
}
