import type { SimNode } from './node.ts'
import type { Openings } from './openings.ts'

/** Something that the code under test has opened: a port, a child process, a file, … */
export interface Holding {
  readonly kind: 'port' | 'child' | 'pipe' | 'file' | 'watcher'
  /** What it is, for leftovers. */
  readonly what: string
  /** The process that holds it. */
  readonly node: SimNode
  /** Whether a real process would stay alive for it. */
  readonly keepsAlive: boolean
  /** Whether it counts as left behind when it is still open at the end. */
  readonly isLeftover: boolean
  /** Its process has ended: does what the kernel does then, and what the process would have heard is lost. */
  abandon(): void
  /** Closes it when the schedule is over, without a word to the code under test that is not due anyway. */
  dispose(): void
}

/** What is open in a schedule, in the order of opening. Connections and servers are in the network's own books. */
export class Ledger {
  readonly #open = new Set<Holding>()
  readonly #openings: Openings

  constructor(openings: Openings) {
    this.#openings = openings
  }

  get open(): readonly Holding[] {
    return [...this.#open]
  }

  get keepsAlive(): boolean {
    for (const { keepsAlive } of this.#open) if (keepsAlive) return true
    return false
  }

  add(holding: Holding): void {
    this.#open.add(holding)
    this.#openings.note(holding)
  }

  remove(holding: Holding): void {
    this.#open.delete(holding)
  }
}
