import { resources } from 'raceproof/probe'
import type { CloseReason, Sink } from './sink.ts'
import type { StreamEvent } from './stream-event.ts'

export interface SubscriberOptions {
  /** Events that may wait for its connection. */
  readonly queueEvents: number
  /** The same bound in bytes. */
  readonly queueBytes: number
  /** While it is behind, it must take a queue's worth of bytes in this time. */
  readonly slowReaderMs: number
  /** Called when the server ends the subscription. */
  readonly onClosing?: (transport: Sink['transport'], reason: CloseReason) => void
}

/** What a subscriber tells the stream that it is attached to. */
export interface SubscriberListener {
  /** Its queue was full: from here on it must be sent page by page what it lacks. */
  fellBehind(subscriber: Subscriber): void
  left(subscriber: Subscriber): void
}

/**
 * One reader of one stream, with a bounded queue in front of its connection.
 *
 *     behind ──follow()──▶ following ──queue full──▶ behind          any ──close()──▶ closing ──▶ gone
 *
 * While it follows it is offered every event. While it is behind it is offered nothing, and the stream sends it what
 * it lacks at its own pace, so a slow reader costs the server a queue at most, and the other readers nothing.
 */
export class Subscriber {
  readonly id: string
  readonly sink: Sink
  /** The id of the last event that was queued or sent. */
  cursor = 0
  /** The last event that the client has acknowledged. */
  acked: number | null = null
  protected readonly options: SubscriberOptions
  protected queue: StreamEvent[] = []
  #queuedBytes = 0
  #state: 'behind' | 'following' | 'closing' | 'gone' = 'behind'
  #listener: SubscriberListener | null = null
  #waiting: ((open: boolean) => void)[] = []
  #stallTimer: NodeJS.Timeout | undefined
  #lastSent = false

  constructor(id: string, sink: Sink, options: SubscriberOptions) {
    this.id = id
    this.sink = sink
    this.options = options
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'subscriber', id })
    sink.onDrain(() => this.pump())
    sink.onClose(() => this.#leave())
  }

  /** How many events wait for its connection. */
  get queued(): number {
    return this.queue.length
  }

  get open(): boolean {
    return this.#state === 'behind' || this.#state === 'following'
  }

  /** Sets what is told of this subscriber, and to whom. */
  listen(listener: SubscriberListener): void {
    this.#listener = listener
    if (this.#state === 'gone') listener.left(this)
  }

  /** Offers an event that was just published. Never waits. */
  offer(event: StreamEvent): void {
    if (this.#state !== 'following') return
    if (this.overflows(event)) this.fallBehind()
    else this.enqueue(event)
  }

  /** Queues an event, whatever the bounds; the caller has waited for room. */
  enqueue(event: StreamEvent): void {
    this.queue.push(event)
    this.#queuedBytes += event.bytes
    this.cursor = event.id
    this.pump()
  }

  /** Tells the reader that events are no longer kept, and goes on after them. */
  skip(from: number, to: number): void {
    this.sink.gap(from, to)
    this.cursor = to
  }

  /** Waits until there is room to send more; false when there is nobody to send to. */
  room(): boolean | Promise<boolean> {
    if (!this.open) return false
    if (this.queue.length === 0 && !this.sink.full) return true
    this.#watchForStall()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** It has all that is there, and is offered what comes from now on. */
  follow(): void {
    if (this.#state === 'behind') this.#state = 'following'
    this.pump()
  }

  /** It lacks something that it will not be offered: what comes next must be sent page by page. */
  fallBehind(): void {
    if (this.#state !== 'following') return
    this.#state = 'behind'
    this.#listener?.fellBehind(this)
  }

  /** Starts over after the given event. */
  rewind(after: number): void {
    this.queue = []
    this.#queuedBytes = 0
    this.cursor = after
    this.fallBehind()
  }

  /** Ends the subscription; only the first reason counts. */
  close(reason: CloseReason): void {
    if (!this.open) return
    this.#state = 'closing'
    this.#drop()
    this.options.onClosing?.(this.sink.transport, reason)
    this.sink.close(reason)
  }

  protected overflows(event: StreamEvent): boolean {
    const { queueEvents, queueBytes } = this.options
    return this.queue.length >= queueEvents || this.#queuedBytes + event.bytes > queueBytes
  }

  /** Passes on what the connection takes. */
  protected pump(): void {
    while (this.open && this.queue.length > 0 && !this.sink.full) this.#send(this.queue.shift() as StreamEvent)
    if (this.queue.length > 0 || this.sink.full) this.#watchForStall()
    else if (this.#lastSent) this.close('complete')
    else this.#haveRoom()
  }

  #haveRoom(): void {
    if (this.#state === 'following') this.#stopWatching()
    this.#wake(true)
  }

  #send(event: StreamEvent): void {
    this.#queuedBytes -= event.bytes
    this.sink.send(event)
    this.#lastSent = event.terminal
  }

  // A reader that is behind is slow when it takes less than a queue's worth in the time allowed. The time counts only
  // against the reader: while its connection is not full, it waits for the server.
  #watchForStall(): void {
    if (this.#stallTimer || !this.open) return
    const takenBefore = this.sink.takenBytes
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = undefined
      if (this.sink.full && this.sink.takenBytes - takenBefore < this.options.queueBytes) this.close('slow-reader')
      else this.pump()
    }, this.options.slowReaderMs)
  }

  #stopWatching(): void {
    clearTimeout(this.#stallTimer)
    this.#stallTimer = undefined
  }

  #drop(): void {
    this.queue = []
    this.#queuedBytes = 0
    this.#stopWatching()
    this.#wake(false)
  }

  #wake(open: boolean): void {
    for (const resolve of this.#waiting.splice(0)) resolve(open)
  }

  #leave(): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#drop()
    if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'subscriber', id: this.id })
    this.#listener?.left(this)
  }
}
