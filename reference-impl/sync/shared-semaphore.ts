import { resources } from 'raceproof/probe'
import { Patience, type WaitOptions } from './patience.ts'
import { Turnstile, type TurnstileOptions } from './turnstile.ts'

/** A permit that was granted. It is given back once, with {@link Permit.release}. */
export interface Permit {
  /** Gives it back, to the next in line if somebody waits. Calls after the first one do nothing. */
  release(): void
}

/**
 * A semaphore whose permits lie in shared memory: at most so many jobs at once, over all threads that share the buffer.
 * Permits are granted in the order of asking ({@link Turnstile}).
 */
export class SharedSemaphore extends Turnstile {
  #granted = 0

  constructor(options: TurnstileOptions & { permits?: number }) {
    super(options)
  }

  /** Event loop: waits for a permit without blocking the thread. Rejects when the patience ends. */
  async acquire(options?: WaitOptions): Promise<Permit> {
    if (!this.tryEnter()) await this.enter(new Patience(`a permit of '${this.name}'`, options))
    return this.grant()
  }

  /** Worker thread: waits for a permit, blocking the thread. Throws when the patience ends. */
  acquireSync(options?: WaitOptions): Permit {
    if (!this.tryEnter()) this.enterSync(new Patience(`a permit of '${this.name}'`, options))
    return this.grant()
  }

  /** Runs a job with a permit, and gives it back whatever happens. */
  async run<T>(job: () => Promise<T>, options?: WaitOptions): Promise<T> {
    const permit = await this.acquire(options)
    try {
      return await job()
    } finally {
      permit.release()
    }
  }

  protected grant(): Permit {
    const id = `${this.name}#${++this.#granted}`
    this.#tell('open', id)
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        this.#tell('close', id)
        this.leave()
      },
    }
  }

  #tell(event: 'open' | 'close', id: string): void {
    if (resources.hasSubscribers) resources.publish({ event, resource: 'permit', id })
  }
}
