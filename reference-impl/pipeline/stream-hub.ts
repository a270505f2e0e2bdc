import { GuardedCache } from '../sync/guarded-cache.ts'
import type { ErrorReporter } from './error-reporter.ts'
import type { EventStream, EventStreamOptions } from './event-stream.ts'
import { labelOf, type PlanKey, type PlanRecord } from './plan.ts'
import type { PlanStore } from './plan-store.ts'
import type { Subscriber } from './subscriber.ts'

export interface StreamHubOptions {
  store: PlanStore
  errors: ErrorReporter
  /** How long the stream of an ended plan waits for a first reader. */
  streamTtlMs: number
  /** How many of its newest events are kept at hand when a stream is read back. */
  replayEvents: number
  makeStream: (options: Pick<EventStreamOptions, 'plan' | 'onLeft' | 'lastId' | 'ended'>) => EventStream
}

/**
 * The streams that are in memory. A plan has one from its acceptance until it has ended and nobody reads it any more;
 * whoever comes later shares one that is read back from the database.
 */
export class StreamHub {
  protected readonly streams = new Map<string, EventStream>()
  protected readonly store: PlanStore
  readonly #archive = new GuardedCache<EventStream>({ name: 'archived-streams' })
  /** All that are not closed; more than `streams`, for an id may be created again while its old stream is read. */
  readonly #open = new Set<EventStream>()
  readonly #restored = new Set<EventStream>()
  readonly #lingering = new Map<EventStream, NodeJS.Timeout>()
  readonly #releases = new Set<Promise<void>>()
  readonly #options: StreamHubOptions
  #leaveListeners: (() => void)[] = []

  constructor(options: StreamHubOptions) {
    this.#options = options
    this.store = options.store
  }

  get size(): number {
    return this.#open.size
  }

  get subscriberCount(): number {
    return [...this.#open].reduce((sum, { subscriberCount }) => sum + subscriberCount, 0)
  }

  /** Opens the stream of a new plan. A deleted plan's stream of the same id goes on until its readers have left. */
  open(plan: PlanKey): EventStream {
    const stream = this.#make({ plan })
    this.streams.set(plan.id, stream)
    return stream
  }

  /** The plan's stream, as it is in memory or read back. */
  streamOf(plan: PlanRecord): EventStream | Promise<EventStream> {
    const live = this.streams.get(plan.id)
    if (live?.plan.key === plan.key) return live
    return this.#archive.getOrCreate(labelOf(plan), () => this.#restore(plan))
  }

  /**
   * Finds the plan's stream, has a subscriber made for it, and lets that one in after the event `after`. `enter` may
   * return null to stay out.
   */
  async subscribe(plan: PlanRecord, after: number, enter: (stream: EventStream) => Subscriber | null): Promise<void> {
    let stream = await this.streamOf(plan)
    // It may have been released between being found and now; the next one is as good.
    while (stream.closed) stream = await this.streamOf(plan)
    const subscriber = enter(stream)
    if (subscriber) stream.attach(subscriber, after)
  }

  /** A plan has ended: its stream is released when its readers have left, or when none has come for a while. */
  ended(stream: EventStream): void {
    this.#linger(stream)
    this.#tryRelease(stream)
  }

  /** A plan was deleted: nobody new will come for its events. */
  async discard(plan: PlanRecord): Promise<void> {
    const stream = [...this.#open].find((one) => one.plan.key === plan.key)
    if (stream === undefined) return this.store.purge(plan)
    stream.discard()
    this.#tryRelease(stream)
  }

  /** Closes a stream whose plan came to nothing, and tells its readers. */
  abort(stream: EventStream): void {
    stream.disconnectAll('server-error')
    this.remove(stream)
  }

  /** Waits until all readers have left, disconnecting those who take longer than `graceMs`; then frees everything. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#disconnectAll(), graceMs)
    while (this.subscriberCount > 0) await new Promise<void>((left) => this.#leaveListeners.push(left))
    clearTimeout(timer)
    await Promise.all(this.#releases)
    this.free()
  }

  /** Frees all streams, whoever reads them. */
  free(): void {
    for (const stream of [...this.#open]) this.remove(stream)
  }

  protected subscriberLeft(stream: EventStream): void {
    for (const told of this.#leaveListeners.splice(0)) told()
    this.#tryRelease(stream)
  }

  /** Frees a stream that is of no use any more. */
  protected async release(stream: EventStream): Promise<void> {
    if (!this.isDone(stream)) return
    await this.drain(stream)
    // Somebody may have come while the database worked.
    if (this.isDone(stream)) this.remove(stream)
  }

  /** The events of a deleted plan go when their last reader has gone. */
  protected drain(stream: EventStream): Promise<void> {
    return stream.discarded ? this.store.purge(stream.plan) : Promise.resolve()
  }

  protected isDone(stream: EventStream): boolean {
    const nobodyComes = stream.served || stream.discarded || !this.#lingering.has(stream)
    return !stream.closed && stream.ended && stream.subscriberCount === 0 && nobodyComes
  }

  /** Takes this very stream away: by now its id may belong to another one. */
  protected remove(stream: EventStream): void {
    clearTimeout(this.#lingering.get(stream))
    this.#lingering.delete(stream)
    this.#open.delete(stream)
    if (this.streams.get(stream.plan.id) === stream) this.streams.delete(stream.plan.id)
    if (this.#restored.delete(stream)) this.#archive.delete(labelOf(stream.plan), 'released')
    stream.close()
  }

  #tryRelease(stream: EventStream): void {
    const released = this.release(stream)
      .catch((error) => this.#options.errors.report(`release of ${labelOf(stream.plan)}`, error))
      .finally(() => this.#releases.delete(released))
    this.#releases.add(released)
  }

  #linger(stream: EventStream): void {
    const timer = setTimeout(() => {
      this.#lingering.delete(stream)
      this.#tryRelease(stream)
    }, this.#options.streamTtlMs)
    this.#lingering.set(stream, timer)
  }

  // One reading serves everybody who comes late: its newest events are kept at hand, as those of a live stream are.
  async #restore(plan: PlanRecord): Promise<EventStream> {
    const { replayEvents } = this.#options
    const lastId = plan.lastEventId
    const newest = await this.store.eventsAfter(plan, Math.max(0, lastId - replayEvents), replayEvents)
    const ended = plan.state !== 'accepted' && plan.state !== 'running'
    const stream = this.#make({ plan, lastId, ended })
    stream.remember(newest)
    this.#restored.add(stream)
    this.#linger(stream)
    return stream
  }

  #make(options: Pick<EventStreamOptions, 'plan' | 'lastId' | 'ended'>): EventStream {
    const stream = this.#options.makeStream({ ...options, onLeft: (left) => this.subscriberLeft(left) })
    this.#open.add(stream)
    return stream
  }

  #disconnectAll(): void {
    for (const stream of this.#open) stream.disconnectAll('shutdown')
  }
}
