import { Refusal } from './refusal.ts'

/** The right to run one plan or to hold one connection. Give it back when that is over; twice does no harm. */
export interface Permit {
  release(): void
}

export interface AdmissionOptions {
  maxRunningPlans: number
  maxConnections: number
  retryAfterS: number
}

/** Keeps the server within its bounds: who comes past a cap is told to come back later. */
export class Admission {
  readonly #options: AdmissionOptions
  #plans = 0
  #connections = 0
  #stopping = false

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  get runningPlans(): number {
    return this.#plans
  }

  get connections(): number {
    return this.#connections
  }

  get stopping(): boolean {
    return this.#stopping
  }

  /** From now on everybody is refused. */
  stop(): void {
    this.#stopping = true
  }

  /** Throws a Refusal with status 429 past the cap, with 503 when the server is stopping. */
  admitPlan(): Permit {
    this.#assertNotStopping()
    const { maxRunningPlans, retryAfterS } = this.#options
    if (this.isFull(this.#plans, maxRunningPlans)) {
      throw new Refusal(429, `${this.#plans} plans are running, which is the most this server allows`, retryAfterS)
    }
    this.#plans++
    return oneTime(() => this.#plans--)
  }

  /** Throws a Refusal with status 503 past the cap, and when the server is stopping. */
  admitConnection(): Permit {
    this.#assertNotStopping()
    const { maxConnections, retryAfterS } = this.#options
    if (this.isFull(this.#connections, maxConnections)) {
      throw new Refusal(503, `${this.#connections} streams are open, which is the most this server allows`, retryAfterS)
    }
    this.#connections++
    return oneTime(() => this.#connections--)
  }

  /** Whether one more would be past the cap. */
  protected isFull(admitted: number, cap: number): boolean {
    return admitted >= cap
  }

  #assertNotStopping(): void {
    if (this.#stopping) throw new Refusal(503, 'the server is stopping', this.#options.retryAfterS)
  }
}

function oneTime(release: () => void): Permit {
  let held = true
  return {
    release: () => {
      if (held) release()
      held = false
    },
  }
}
