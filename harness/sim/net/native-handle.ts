import type { AsyncResource } from 'node:async_hooks'

/** What all native handles have that keep a process alive while they are referenced. */
export abstract class NativeHandle {
  /** The async context in which the handle was made, and everything that comes to it runs. */
  abstract readonly resource: AsyncResource
  #hasRef = true

  getAsyncId(): number {
    return this.resource.asyncId()
  }

  ref(): void {
    this.#hasRef = true
  }

  unref(): void {
    this.#hasRef = false
  }

  hasRef(): boolean {
    return this.#hasRef
  }
}
