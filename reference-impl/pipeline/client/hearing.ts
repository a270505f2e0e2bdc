import type { ChannelListener, Closing } from './channel.ts'
import { isTerminal, type PlanEvent } from './plan-event.ts'

/** What the server sends on every channel: an event with its id, or word about the connection itself. */
export interface Frame {
  id?: number
  type: string
  data: unknown
}

/** What one connection has heard: hands frames to the listener and, when the connection is over, tells why. */
export class Hearing {
  readonly closing: Promise<Closing>
  readonly #listener: ChannelListener
  #resolve!: (closing: Closing) => void
  #over = false
  #terminal: PlanEvent | undefined
  #farewell: string | undefined

  constructor(listener: ChannelListener) {
    this.#listener = listener
    this.closing = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Anything came, be it a heartbeat or half a frame. */
  alive(): void {
    this.#listener.alive?.()
  }

  /** A frame came. Word about the connection has no id of its own, whatever the stream's last id was. */
  receive({ id, type, data }: Frame): void {
    // The rest of a piece that was being read when the caller left.
    if (this.#over) return
    if (type === 'gap') this.#gap(data as { from: number; to: number })
    else if (type === 'disconnected') this.dismissed((data as { reason: string }).reason)
    else if (id !== undefined) this.#event({ id, type, data })
  }

  /** The server says that it ends the connection, and why. */
  dismissed(reason: string): void {
    this.#farewell = reason
  }

  /** The server says that the plan has ended and the subscriber has everything. */
  completed(): void {
    this.#close({ reason: 'complete', detail: 'nothing left to hear' })
  }

  /** The connection ended; `detail` is what its protocol says about that. Only the first end counts. */
  ended(detail: string): void {
    if (this.#terminal) this.#close({ reason: 'complete', detail: this.#terminal.type })
    else if (this.#farewell !== undefined) this.#close({ reason: 'disconnected', detail: this.#farewell })
    else this.#close({ reason: 'lost', detail })
  }

  /** The caller closes the connection. */
  left(): void {
    if (this.#terminal) this.ended('closed after the terminal event')
    else this.#close({ reason: 'closed', detail: 'closed by the client' })
  }

  #gap({ from, to }: { from: number; to: number }): void {
    this.#listener.gap(from, to)
  }

  #event(event: PlanEvent): void {
    if (isTerminal(event)) this.#terminal = event
    this.#listener.event(event)
  }

  #close(closing: Closing): void {
    this.#over = true
    this.#resolve(closing)
  }
}
