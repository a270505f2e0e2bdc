import type { ThreadFinding } from './finding.ts'
import { type Holder, keyOf } from './holder.ts'

export interface OvertakingOptions {
  /** How often others may take a lock while a thread sleeps or spins for it. */
  readonly most: number
  /** Whether a thread sleeps, or reads the same again and again. */
  readonly isIdle: (thread: number) => boolean
}

interface Wait {
  readonly holder: Holder
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
  readonly #waits = new Map<string, Wait>()

  constructor(options: OvertakingOptions) {
    this.#options = options
  }

  wants(holder: Holder, lock: string): void {
    this.#waits.set(keyOf(holder), { holder, lock, behind: this.#idle(lock), overtaken: 0 })
  }

  taken(holder: Holder, lock: string): void {
    const { behind } = this.#waits.get(keyOf(holder)) ?? { behind: this.#idle(lock) }
    this.#waits.delete(keyOf(holder))
    for (const wait of behind) {
      if (this.#waits.get(keyOf(wait.holder)) === wait && ++wait.overtaken > this.#options.most) this.#tell(wait)
    }
  }

  gaveUp(holder: Holder): void {
    this.#waits.delete(keyOf(holder))
  }

  #idle(lock: string): Wait[] {
    return [...this.#waits.values()].filter((wait) => wait.lock === lock && this.#options.isIdle(wait.holder.thread))
  }

  #tell({ holder, lock, overtaken }: Wait): void {
    const message = `starvation: thread ${holder.thread} waits for ${lock}, and others have taken it ${overtaken} times meanwhile`
    this.finding ??= { kind: 'starvation', message }
  }
}
