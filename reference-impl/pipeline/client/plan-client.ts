import type { Channel, Reach } from './channel.ts'
import { Cursor } from './cursor.ts'
import { type ClientParts, clientParts } from './parts.ts'
import type { Readiness } from './readiness.ts'
import { RestChannel } from './rest-channel.ts'
import { type Sleep, sleep } from './sleep.ts'
import { SseChannel } from './sse-channel.ts'
import type { WatchListener } from './watch-listener.ts'
import { WsChannel } from './ws-channel.ts'

export interface PlanClientOptions extends Reach {
  /** A connection on which nothing came for so long is given up, in milliseconds; above the server's heartbeat. */
  silenceMs?: number
  /** The first ceiling and the cap of the delays between attempts, in milliseconds. */
  firstDelayMs?: number
  delayCapMs?: number
  /** A number in [0, 1), drawn once for each delay. */
  random?: () => number
  sleep?: Sleep
  /** Called whenever the server is asked whether it is ready. */
  onAsk?: () => void
  parts?: ClientParts
}

export interface WatchOptions extends WatchListener {
  /** The id of the last event that the caller has; 0 by default. */
  after?: number
  /** The life of the plan that is meant, as a reply's `stream` names it. Another life is refused then. */
  stream?: string
  headers?: Record<string, string>
}

/** One plan being watched. */
export interface Watch {
  /**
   * Resolves at the terminal event. Rejects with a Refusal that no other attempt can change (the plan is unknown or
   * gone, the request is wrong), with ListenerFailed, or with an AbortError after `close`.
   */
  readonly done: Promise<void>
  /** The id of the last event that was handed over. */
  readonly last: number
  /** Events that came a second time, after a reconnect, and were dropped. */
  readonly duplicates: number
  /** Leaves without a word. */
  close(): void
}

/**
 * A client of the pipeline server that loses nothing. It reconnects with capped, jittered back-off, resumes after the
 * last event it has, gives silent connections up, and falls back from WebSocket to server-sent events to REST polling;
 * the caller sees each event once and in order. A permanent refusal stops it at once.
 */
export class PlanClient {
  readonly #options: PlanClientOptions
  readonly #parts: ClientParts
  readonly #sleep: Sleep
  readonly #readiness: Readiness

  /** Throws a TypeError for an address that is no `http:` one. */
  constructor(options: PlanClientOptions) {
    if (!/^http:\/\/./.test(options.url)) {
      throw new TypeError(`expected an address such as http://127.0.0.1:4711, got '${options.url}'`)
    }
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') }
    this.#parts = options.parts ?? clientParts
    this.#sleep = options.sleep ?? sleep
    this.#readiness = new this.#parts.Readiness({
      ...this.#options,
      sleep: this.#sleep,
      backoff: () => this.#backoff(),
    })
  }

  /** Resolves when the server is ready; asks with growing pauses until then. */
  ready(signal?: AbortSignal): Promise<void> {
    return this.#readiness.wait(signal)
  }

  /** Watches a plan from the event after `after` to its terminal event. */
  watch(planId: string, { after = 0, stream, headers = {}, ...listener }: WatchOptions): Watch {
    const cursor = new Cursor(after, stream)
    const left = new AbortController()
    const loop = new this.#parts.WatchLoop({
      planId,
      cursor,
      listener,
      headers,
      signal: left.signal,
      silenceMs: this.#options.silenceMs ?? 45_000,
      fallback: new this.#parts.Fallback(this.#channels()),
      backoff: this.#backoff(),
      readiness: this.#readiness,
      sleep: this.#sleep,
    })
    return watchOf(loop.run(), cursor, left)
  }

  #channels(): Channel[] {
    const rest = { ...this.#options, sleep: this.#sleep, backoff: () => this.#backoff() }
    return [new WsChannel(this.#options), new SseChannel(this.#options), new RestChannel(rest)]
  }

  #backoff() {
    const { firstDelayMs, delayCapMs, random } = this.#options
    return new this.#parts.Backoff({ firstMs: firstDelayMs, capMs: delayCapMs, random })
  }
}

function watchOf(done: Promise<void>, cursor: Cursor, left: AbortController): Watch {
  return {
    done,
    get last() {
      return cursor.last
    },
    get duplicates() {
      return cursor.duplicates
    },
    close: () => {
      // Who closes a watch expects its AbortError, and need not listen for it.
      done.catch(() => {})
      left.abort()
    },
  }
}
