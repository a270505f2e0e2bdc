import type { ThreadFinding } from './finding.ts'

export interface OvertakingOptions {
  /** How often others may take a lock while a thread sleeps or spins for it. */
  readonly most: number
  /** Whether a thread sleeps, or reads the same again and again. */
  readonly isIdle: (thread: number) => boolean
}

interface Wait {
  readonly thread: number
  readonly lock: string
  /** Those that slept or spun for the lock when this wait began, so that it is behind them. */
  readonly behind: readonly Wait[]
  overtaken: number
}

/**
 * Counts how often a waiting thread is overtaken: others that came when it slept or spun already take the lock before it.
 * Before it does that, a thread may stand still for as long as it likes, and no lock could know of it.
 */
export class Overtaking {
  finding: ThreadFinding | null = null
  readonly #options: OvertakingOptions
  readonly #waits = new Map<number, Wait>()

  constructor(options: OvertakingOptions) {
    this.#options = options
  }

  wants(thread: number, lock: string): void {
    this.#waits.set(thread, { thread, lock, behind: this.#idle(lock), overtaken: 0 })
  }

  taken(thread: number, lock: string): void {
    const { behind } = this.#waits.get(thread) ?? { behind: this.#idle(lock) }
    this.#waits.delete(thread)
    for (const wait of behind) {
      if (this.#waits.get(wait.thread) === wait && ++wait.overtaken > this.#options.most) this.#tell(wait)
    }
  }

  #idle(lock: string): Wait[] {
    return [...this.#waits.values()].filter((wait) => wait.lock === lock && this.#options.isIdle(wait.thread))
  }

  #tell({ thread, lock, overtaken }: Wait): void {
    const message = `starvation: thread ${thread} waits for ${lock}, and others have taken it ${overtaken} times meanwhile`
    this.finding ??= { kind: 'starvation', message }
  }
}
