import type { Channel, ChannelListener, Closing, Connection } from './channel.ts'
import type { Cursor } from './cursor.ts'
import { ConnectionLost, ListenerFailed } from './failure.ts'
import { Heartbeat } from './heartbeat.ts'
import { isTerminal, type PlanEvent } from './plan-event.ts'
import { Refusal } from './refusal.ts'
import type { WatchListener } from './watch-listener.ts'

export interface AttemptOptions {
  planId: string
  cursor: Cursor
  listener: WatchListener
  /** A connection on which nothing came for so long is given up, in milliseconds. */
  silenceMs: number
  headers: Record<string, string>
  signal: AbortSignal
}

/** One connection of a watch, from the request to its end. */
export class Attempt implements ChannelListener {
  readonly #options: AttemptOptions
  readonly #abort = new AbortController()
  readonly #heartbeat: Heartbeat
  readonly #terminal: Promise<void>
  #complete!: () => void
  #fruitful = false
  #failure: Error | undefined

  constructor(options: AttemptOptions) {
    this.#options = options
    this.#terminal = new Promise((resolve) => {
      this.#complete = resolve
    })
    const { silenceMs } = options
    this.#heartbeat = new Heartbeat(silenceMs, () => this.#giveUp(this.#lost(`nothing came for ${silenceMs} ms`)))
  }

  /** Resolves at the terminal event. Rejects with what ended the attempt before. */
  async run(channel: Channel): Promise<void> {
    const connection = await this.#open(channel)
    const closed = connection.closing.then((closing) => this.#closed(closing))
    // After the terminal event the connection is left to its own end, which nobody waits for.
    closed.catch(() => {})
    await Promise.race([this.#terminal, closed])
  }

  alive(): void {
    this.#heartbeat.beat()
  }

  event(event: PlanEvent): void {
    if (this.#over) return
    const { cursor } = this.#options
    const arrival = cursor.arrive(event.id)
    if (arrival === 'next') this.#next(event)
    else if (arrival === 'hole') this.#giveUp(this.#lost(`event ${event.id} came right after event ${cursor.last}`))
  }

  gap(from: number, to: number): void {
    if (this.#over) return
    this.#fruitful = true
    this.#options.cursor.skipTo(to)
    this.#tell(() => this.#options.listener.onGap?.(from, to))
  }

  async #open(channel: Channel): Promise<Connection> {
    const { planId, cursor, headers, listener } = this.#options
    const signal = AbortSignal.any([this.#options.signal, this.#abort.signal])
    try {
      this.#tell(() => listener.onAttempt?.({ via: channel.via, after: cursor.last }))
      const connection = await channel.open({ planId, after: cursor.last, headers, signal }, this)
      this.#expectSameLife(connection)
      this.#tell(() => listener.onConnection?.(connection))
      return connection
    } catch (error) {
      this.#heartbeat.stop()
      this.#tell(() => listener.onFailure?.(this.#failure ?? (error as Error)))
      this.#giveUp(error as Error)
      throw this.#failure
    }
  }

  #expectSameLife({ admission: { stream } }: Connection): void {
    const { cursor, planId } = this.#options
    if (!cursor.enter(stream)) throw new Refusal(410, `plan ${planId} was deleted, and created anew as ${stream}`)
  }

  /** Nobody wants what still comes, such as the rest of the piece that was being read. */
  get #over(): boolean {
    return this.#abort.signal.aborted || this.#options.signal.aborted
  }

  /** Ends the attempt, whatever it is at. */
  #giveUp(failure: Error): void {
    this.#failure ??= failure
    this.#abort.abort()
  }

  #closed(closing: Closing): void {
    this.#heartbeat.stop()
    this.#tell(() => this.#options.listener.onClosing?.(closing))
    if (this.#failure) throw this.#failure
    this.#options.signal.throwIfAborted()
    if (closing.reason !== 'complete') throw this.#lost(`${closing.reason}: ${closing.detail}`)
  }

  #next(event: PlanEvent): void {
    this.#fruitful = true
    this.#tell(() => this.#options.listener.onEvent(event))
    if (isTerminal(event)) this.#complete()
  }

  #lost(message: string): ConnectionLost {
    return new ConnectionLost(message, this.#fruitful)
  }

  /** Whatever the listener throws is the caller's to deal with, and ends the watch. */
  #tell(hand: () => void): void {
    try {
      hand()
    } catch (error) {
      this.#giveUp(new ListenerFailed(error))
    }
  }
}
