import type { Channel } from './channel.ts'
import type { FailureKind } from './failure.ts'

/** One attempt that brings nothing may be bad luck; that many in a row are the way's fault. */
const patience = 2

/**
 * Which way to try next. The ways are ordered from best to last; one is given up when it is barred, or when it fails
 * several times in a row without bringing anything. The last one is never given up: below it there is nothing.
 */
export class Fallback {
  readonly #channels: readonly Channel[]
  #place = 0
  #fruitless = 0

  /** Throws a RangeError when there is no channel at all. */
  constructor(channels: readonly Channel[]) {
    if (channels.length === 0) throw new RangeError('expected at least one channel, got none')
    this.#channels = channels
  }

  get current(): Channel {
    return this.#channels[this.#place]!
  }

  failed(kind: FailureKind): void {
    if (kind === 'interrupted') this.#fruitless = 0
    if (kind === 'fruitless') this.#fruitless++
    if (kind === 'blocked' || this.#fruitless >= patience) this.advance()
  }

  /** Goes on to the next way, if there is one. */
  protected advance(): void {
    this.#fruitless = 0
    this.#place = Math.min(this.#place + 1, this.#channels.length - 1)
  }
}
