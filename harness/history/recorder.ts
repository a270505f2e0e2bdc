import { HarnessError, messageOf } from '../errors.ts'
import type { CompletionEvent, EndObservation, HistoryEvent } from './event.ts'

/**
 * Thrown by a client operation whose call certainly had no effect: the server refused it, or it never left. Any other
 * error leaves the outcome unknown (`info`).
 */
export class CallFailed extends Error {
  /** The refusal's status, where the protocol has one (HTTP status, JSON-RPC error code). */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.name = 'CallFailed'
    this.status = status
  }
}

/** Thrown into an open call when the harness gives it up at the end of the settle phase. */
export class CallAbandoned extends Error {
  constructor() {
    super('still open at the end of the settle phase')
    this.name = 'CallAbandoned'
  }
}

/** A subscriber's side of the record. */
export interface SubscriptionRecord {
  readonly subscriber: string
  event(id: number, kind: string, data: unknown): void
  gap(from: number, to: number): void
  /** Ends the subscription; only the first call counts. */
  end(reason: EndObservation['reason'], detail?: string): void
}

/** What a subscriber says when it starts to listen. */
export interface Subscribing {
  stream: string
  /** The id of the last event it already has. */
  after: number
  /** The way it listens: `sse`, `ws`, `poll` … */
  via: string
}

/**
 * Writes the history of a run. One recorder per run; `now` is the world's clock in milliseconds since the run's start.
 */
export class Recorder {
  readonly #now: () => number
  readonly #sink: (event: HistoryEvent) => void
  readonly #openCalls = new Map<string, string>()
  #calls = 0
  #subscribers = 0

  constructor(now: () => number, sink: (event: HistoryEvent) => void) {
    this.#now = now
    this.#sink = sink
  }

  /** Milliseconds since the start of the run, in thousandths. */
  timeMs(): number {
    return Math.round(this.#now() * 1000) / 1000
  }

  /** Records an event whose time is known, as those of the target's process are. */
  write(event: HistoryEvent): void {
    this.#sink(event)
  }

  /**
   * Records one call around `run`. What `run` returns is the call's output and is returned; what it throws is
   * recorded (`fail` for a {@link CallFailed} or a `readOnly` call, else `info`) and thrown on.
   */
  async call<T>(client: string, f: string, input: unknown, run: () => Promise<T>, readOnly = false): Promise<T> {
    const busy = this.#openCalls.get(client)
    if (busy !== undefined) {
      throw new HarnessError(
        'ERR_SCENARIO_INVALID',
        `client ${client} was asked for '${f}' while its call '${busy}' was still open. ` +
          'A client does one thing at a time: await the first call, or use another client.',
      )
    }
    const call = this.#calls++
    this.#openCalls.set(client, f)
    this.#sink({ type: 'invoke', timeMs: this.timeMs(), client, call, f, input })
    try {
      const output = await run()
      this.#sink({ type: 'ok', timeMs: this.timeMs(), client, call, f, output })
      return output
    } catch (thrown) {
      this.#sink({ ...failure(thrown, readOnly), timeMs: this.timeMs(), client, call, f })
      throw thrown
    } finally {
      this.#openCalls.delete(client)
    }
  }

  /** Records that a client subscribes, and returns where what it sees is recorded. */
  subscribe(client: string, { stream, after, via }: Subscribing): SubscriptionRecord {
    const subscriber = `${client}/${this.#subscribers++}`
    const who = { type: 'observe', client, subscriber, stream } as const
    let ended = false
    this.#sink({ ...who, f: 'subscribe', timeMs: this.timeMs(), after, via })
    return {
      subscriber,
      event: (id, kind, data) => this.#sink({ ...who, f: 'event', timeMs: this.timeMs(), id, kind, data }),
      gap: (from, to) => this.#sink({ ...who, f: 'gap', timeMs: this.timeMs(), from, to }),
      end: (reason, detail) => {
        if (ended) return
        ended = true
        this.#sink({ ...who, f: 'end', timeMs: this.timeMs(), reason, ...(detail === undefined ? {} : { detail }) })
      },
    }
  }
}

function failure(thrown: unknown, readOnly: boolean): Pick<CompletionEvent, 'type' | 'error' | 'status' | 'abandoned'> {
  const error = messageOf(thrown)
  if (thrown instanceof CallAbandoned) return { type: 'info', error, abandoned: true }
  // Errors of unknown outcome may carry a status too: a server that answers 500 may have done the work.
  const { status } = (thrown ?? {}) as { status?: unknown }
  const type = readOnly || thrown instanceof CallFailed ? 'fail' : 'info'
  return { type, error, ...(typeof status === 'number' ? { status } : {}) }
}
