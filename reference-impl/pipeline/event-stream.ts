import { resources } from 'raceproof/probe'
import { type Ending, endingEvent } from './ending.ts'
import type { ErrorReporter } from './error-reporter.ts'
import type { EventJournal, JournalReader } from './event-journal.ts'
import { labelOf, type PlanKey } from './plan.ts'
import type { PlanStore, StoredEntry } from './plan-store.ts'
import type { ReplayBuffer } from './replay-buffer.ts'
import { type EventData, StreamEvent } from './stream-event.ts'
import type { Subscriber, SubscriberListener } from './subscriber.ts'

export interface EventStreamOptions {
  plan: PlanKey
  journal: EventJournal
  store: PlanStore
  buffer: ReplayBuffer
  errors: ErrorReporter
  /** Called when a subscriber has left. */
  onLeft: (stream: EventStream) => void
  /** The last event so far, of a stream that is read back from the database. */
  lastId?: number
  /** No further event comes. */
  ended?: boolean
}

const pageEvents = 100

/**
 * The events of one plan, for any number of subscribers. Each of them gets every event once and in order, from
 * wherever it starts: what it missed comes page by page, from memory or from the database, then it follows.
 */
export class EventStream implements JournalReader, SubscriberListener {
  readonly plan: PlanKey
  protected readonly store: PlanStore
  protected readonly buffer: ReplayBuffer
  protected readonly errors: ErrorReporter
  protected readonly subscribers: Subscriber[] = []
  readonly #journal: EventJournal
  readonly #onLeft: (stream: EventStream) => void
  #assignedId: number
  #lastId: number
  #sealed: boolean
  #ended: boolean
  #closed = false
  #served = false
  #discarded = false
  #failure: unknown = null

  constructor({ plan, journal, store, buffer, errors, onLeft, lastId = 0, ended = false }: EventStreamOptions) {
    this.plan = plan
    this.#journal = journal
    this.store = store
    this.buffer = buffer
    this.errors = errors
    this.#onLeft = onLeft
    this.#assignedId = lastId
    this.#lastId = lastId
    this.#sealed = ended
    this.#ended = ended
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'stream', id: labelOf(plan) })
  }

  /** The id of the last event that subscribers may see. */
  get lastId(): number {
    return this.#lastId
  }

  get ended(): boolean {
    return this.#ended
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Its plan was deleted: nobody new may come. */
  get discarded(): boolean {
    return this.#discarded
  }

  /** Somebody has read it to its end. */
  get served(): boolean {
    return this.#served
  }

  get subscriberCount(): number {
    return this.subscribers.length
  }

  /** How many of its newest events are in memory. */
  get bufferedEvents(): number {
    return this.buffer.size
  }

  /** How many of its events wait to be stored. */
  get unstoredEvents(): number {
    return this.#assignedId - this.#lastId
  }

  /** How many events wait for the subscriber that is furthest behind its connection. */
  get longestQueue(): number {
    return this.subscribers.reduce((longest, { queued }) => Math.max(longest, queued), 0)
  }

  /** The lowest id that all subscribers who acknowledge at all have acknowledged. */
  get acked(): number | null {
    const acks = this.subscribers.flatMap(({ acked }) => (acked === null ? [] : [acked]))
    return acks.length === 0 ? null : Math.min(...acks)
  }

  /**
   * Adds an event. Wait for the promise, if there is one, before you publish more. After the end, output is dropped:
   * its plan was ended from outside, and nobody waits for it. Throws when the stream was closed under its
   * publisher, and when what was published before could not be stored.
   */
  publish<Type extends 'log' | 'progress'>(type: Type, data: EventData[Type]): Promise<void> | undefined {
    // Its last readers may be gone by then, and the stream with them.
    if (this.#sealed) return undefined
    this.#assertUsable(type)
    const written = this.#append(new StreamEvent(++this.#assignedId, type, JSON.stringify(data)), null)
    return this.#journal.full ? written : undefined
  }

  /** Adds the terminal event. Call it once; resolves when the event, and with it the plan's end, is stored and told. */
  async end(ending: Ending): Promise<void> {
    this.#assertUsable(ending.type)
    this.#sealed = true
    await this.#append(endingEvent(++this.#assignedId, ending), ending)
  }

  /** Takes in events that were read back, so that they need not be read again for each reader. */
  remember(events: readonly StreamEvent[]): void {
    for (const event of events) this.buffer.push(event)
  }

  stored({ event }: StoredEntry): void {
    if (event.id !== this.#lastId + 1) this.#missSome()
    this.#lastId = event.id
    this.#ended = event.terminal
    this.buffer.push(event)
    this.broadcast(event)
  }

  /** Lets a subscriber in, who has seen everything up to `after`. Returns false when the stream is closed. */
  attach(subscriber: Subscriber, after: number): boolean {
    if (this.#closed) return false
    this.subscribers.push(subscriber)
    subscriber.rewind(this.startAfter(after))
    subscriber.listen(this)
    void this.catchUp(subscriber)
    return true
  }

  fellBehind(subscriber: Subscriber): void {
    void this.catchUp(subscriber)
  }

  left(subscriber: Subscriber): void {
    const place = this.subscribers.indexOf(subscriber)
    if (place < 0) return
    this.subscribers.splice(place, 1)
    this.#served ||= this.#ended
    this.#onLeft(this)
  }

  /** Says that the plan was deleted. */
  discard(): void {
    this.#discarded = true
  }

  /** Ends all subscriptions for a reason that the readers are told. */
  disconnectAll(reason: 'shutdown' | 'server-error'): void {
    for (const subscriber of [...this.subscribers]) subscriber.close(reason)
  }

  /** Frees what it holds. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const subscriber of [...this.subscribers]) subscriber.close('closed')
    if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'stream', id: labelOf(this.plan) })
  }

  /** Up to `limit` events after the given id, and the gap before them if the first ones are no longer kept. */
  async pageAfter(after: number, limit: number): Promise<StreamPage> {
    const events = this.buffer.after(after, limit) ?? (await this.#readBack(after, limit))
    const nextId = events[0]?.id ?? this.buffer.firstId ?? this.#lastId + 1
    return { events, gap: nextId > after + 1 ? { from: after + 1, to: nextId - 1 } : null }
  }

  protected startAfter(after: number): number {
    return after
  }

  protected broadcast(event: StreamEvent): void {
    for (const subscriber of [...this.subscribers]) subscriber.offer(event)
  }

  /** Sends a subscriber what it lacks, then lets it follow. */
  protected async catchUp(subscriber: Subscriber): Promise<void> {
    try {
      while (await subscriber.room()) {
        // Comparing and following happen in one turn: no event can be published in between.
        if (subscriber.cursor >= this.#lastId) return this.#letFollow(subscriber)
        await this.#sendPage(subscriber)
      }
    } catch (error) {
      this.errors.report(`replay of ${labelOf(this.plan)}`, error)
      subscriber.close('server-error')
    }
  }

  async #sendPage(subscriber: Subscriber): Promise<void> {
    const { events, gap } = await this.pageAfter(subscriber.cursor, pageEvents)
    if (gap && subscriber.open && subscriber.cursor === gap.from - 1) subscriber.skip(gap.from, gap.to)
    for (const event of events) {
      // The client may have asked for another place meanwhile; then the rest of the page is not what it wants.
      if (!(await subscriber.room()) || event.id !== subscriber.cursor + 1) return
      subscriber.enqueue(event)
    }
  }

  // Events before this one could not be stored. Who follows must be told of the gap before going on.
  #missSome(): void {
    this.buffer.clear()
    for (const subscriber of [...this.subscribers]) subscriber.fallBehind()
  }

  // An event can be in the database a moment before its turn to be told has come; until then it is not there.
  async #readBack(after: number, limit: number): Promise<StreamEvent[]> {
    const events = await this.store.eventsAfter(this.plan, after, limit)
    return events.filter(({ id }) => id <= this.#lastId)
  }

  #letFollow(subscriber: Subscriber): void {
    subscriber.follow()
    if (this.#ended) subscriber.close('complete')
  }

  #append(event: StreamEvent, ending: Ending | null): Promise<void> {
    const written = this.#journal.append(this, { plan: this.plan, event, ending })
    written.catch((error) => {
      this.#failure = error
      this.errors.report(`events of ${labelOf(this.plan)}`, error)
    })
    return written
  }

  /** Throws, once, what went wrong since the publisher was here last: it may not have waited for its events. */
  #assertUsable(type: string): void {
    if (this.#closed) throw new Error(`the stream of plan ${labelOf(this.plan)} was closed before its '${type}' event`)
    const failure = this.#failure
    this.#failure = null
    if (failure !== null) throw failure
  }
}

export interface StreamPage {
  events: StreamEvent[]
  gap: { from: number; to: number } | null
}
