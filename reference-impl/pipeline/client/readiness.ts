import type { Backoff } from './backoff.ts'
import type { Reach } from './channel.ts'
import { sendJson } from './http.ts'
import type { Sleep } from './sleep.ts'

export interface ReadinessOptions extends Reach {
  /** Makes the back-off of one wait. */
  backoff: () => Backoff
  sleep: Sleep
  /** Called whenever the server is asked. */
  onAsk?: () => void
}

/** Waits until the server is ready, with growing pauses, so that many waiting clients do not keep it from starting. */
export class Readiness {
  readonly #options: ReadinessOptions

  constructor(options: ReadinessOptions) {
    this.#options = options
  }

  /** Resolves when `/healthz` answers 2xx, and asks no more then. Rejects with an AbortError when the signal ends it. */
  async wait(signal?: AbortSignal): Promise<void> {
    const backoff = this.#options.backoff()
    while (!(await this.#isReady(signal))) await this.#options.sleep(this.pauseMs(backoff), signal)
  }

  /** How long to wait before asking again, in milliseconds. */
  protected pauseMs(backoff: Backoff): number {
    return backoff.nextMs()
  }

  async #isReady(signal: AbortSignal | undefined): Promise<boolean> {
    const { url, agent, onAsk } = this.#options
    onAsk?.()
    try {
      await sendJson(`${url}/healthz`, { agent, signal })
      return true
    } catch {
      signal?.throwIfAborted()
      return false
    }
  }
}
