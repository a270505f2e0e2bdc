import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Admission } from './admission.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { PlanRegistry } from './plan-registry.ts'
import type { Router } from './router.ts'
import type { StreamHub } from './stream-hub.ts'

export interface ShutdownOptions {
  admission: Admission
  registry: PlanRegistry
  hub: StreamHub
  http: Server
  router: Router
  pool: ConnectionPool
  stopGraceMs: number
  closeTimeoutMs: number
}

/**
 * Stops the server without losing anything: nobody new comes in, the plans end, their readers are told how, and only
 * then are the connections and the database closed.
 */
export class Shutdown {
  protected readonly options: ShutdownOptions
  #done: Promise<void> | undefined

  constructor(options: ShutdownOptions) {
    this.options = options
  }

  /** Resolves when nothing is left open. Further calls wait for the first. */
  run(): Promise<void> {
    this.#done ??= this.#stop()
    return this.#done
  }

  protected async drain(): Promise<void> {
    const { admission, registry, hub, stopGraceMs, closeTimeoutMs } = this.options
    admission.stop()
    await registry.stop(stopGraceMs)
    await hub.stop(closeTimeoutMs)
  }

  async #stop(): Promise<void> {
    await this.drain()
    await this.#closeHttp()
    const { router, hub, pool } = this.options
    await router.settled()
    // The last requests may have had something read back.
    hub.free()
    await pool.close()
  }

  async #closeHttp(): Promise<void> {
    const { http, closeTimeoutMs } = this.options
    if (!http.listening) return
    const closed = once(http, 'close')
    http.close()
    const timer = setTimeout(() => http.closeAllConnections(), closeTimeoutMs)
    await closed
    clearTimeout(timer)
  }
}
