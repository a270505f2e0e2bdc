/**
 * Gives a silent connection up. A peer that vanished without a word, behind a dead link or a stalled proxy, looks like
 * one that has nothing to say; the server's heartbeats are what tells the two apart.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout

  /** Calls `onSilence` once, when nothing came for `silenceMs`. */
  constructor(silenceMs: number, onSilence: () => void) {
    this.#timer = setTimeout(onSilence, silenceMs)
  }

  /** Something came. */
  beat(): void {
    this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
