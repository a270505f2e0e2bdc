import type { EventLoop } from './event-loop.ts'

/** What `setTimeout` and `setInterval` return in a thread. */
export class VirtualTimeout {
  readonly #loop: EventLoop
  readonly #id: number
  readonly #delayMs: number
  #counts = true

  constructor(loop: EventLoop, call: () => void, { delayMs, repeats }: { delayMs: number; repeats: boolean }) {
    this.#loop = loop
    this.#delayMs = delayMs
    this.#id = loop.after(delayMs, call, { repeats })
  }

  ref(): this {
    return this.#count(true)
  }

  unref(): this {
    return this.#count(false)
  }

  hasRef(): boolean {
    return this.#counts
  }

  refresh(): this {
    this.#loop.again(this.#id, this.#delayMs)
    return this
  }

  close(): this {
    this.#loop.cancel(this.#id)
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #count(counts: boolean): this {
    this.#counts = counts
    this.#loop.counts(this.#id, counts)
    return this
  }
}

/** What `setImmediate` returns in a thread. */
export class VirtualImmediate {
  readonly #loop: EventLoop
  readonly #id: number

  constructor(loop: EventLoop, call: () => void) {
    this.#loop = loop
    this.#id = loop.soon(call)
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  close(): void {
    this.#loop.cancel(this.#id)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
