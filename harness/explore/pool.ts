import { exhaustiveName } from '../sim/strategy/strategies.ts'
import { type Exploration, Merger, type Outcome } from './exploration.ts'
import type { Batch, ScheduleName, SubjectSpec } from './pool-messages.ts'
import { PoolThread, type ThreadLimits } from './pool-thread.ts'
import { stuckOutcome } from './stuck-schedule.ts'
import type { Variant } from './subject.ts'
import { WorkerStock } from './worker-stock.ts'

export interface PoolOptions extends Partial<ThreadLimits> {
  spec: SubjectSpec
  seed: number
  schedules: number
  /** The name of a strategy, see {@link explorerOf}. */
  strategy: string
  /** How many threads share the schedules. The result does not depend on it. `exhaustive` takes one. */
  workers: number
  variant?: Omit<Variant, 'seed'>
  stopsAtFirst?: boolean
  /** Where threads come from and are left; without one, they are started and ended. */
  stock?: WorkerStock | undefined
  /** Ends it: what was seen until then counts, and the result says that it was interrupted. */
  signal?: AbortSignal
  progress?(schedules: number): void
}

/** Few enough that no worker waits long for the last one, many enough that messages do not count. */
const batchSize = 8

/** Unless the options say otherwise. */
const usualLimits: ThreadLimits = { stuckSeconds: 30, heapMiBMax: 700, schedulesMax: 5000 }

/**
 * Explores a subject on worker threads. A schedule that never comes back is ended with its thread, and is a finding.
 * Throws what the subject throws, `ERR_UNKNOWN_NAME` for a strategy, `ERR_NONDETERMINISM`, and `ERR_INTERNAL` when a thread
 * dies. No thread is left but in the stock, whatever happens.
 */
export function explorePool(options: PoolOptions): Promise<Exploration> {
  return new Pool(options).run()
}

class Pool {
  readonly #options: PoolOptions
  readonly #limits: ThreadLimits
  readonly #stock: WorkerStock
  /** Each order follows from those before, so that one thread runs all of them. */
  readonly #isSequential: boolean
  readonly #merger: Merger
  readonly #threads = new Set<PoolThread>()
  readonly #done: Promise<void>
  #resolve!: () => void
  #reject!: (error: unknown) => void
  /** Schedules that a thread was given and did not run, for it got stuck before. */
  readonly #returned: Batch[] = []
  #next = 0
  /** The lowest index whose schedule could not be run; it is thrown when no invalid one comes before it. */
  #failure: { index: number; error: unknown } | null = null
  #exhausted: boolean | null = null
  #interrupted = false

  constructor(options: PoolOptions) {
    const { stuckSeconds, heapMiBMax, schedulesMax } = { ...usualLimits, ...options }
    this.#options = options
    this.#limits = { stuckSeconds, heapMiBMax, schedulesMax }
    this.#stock = options.stock ?? new WorkerStock()
    this.#isSequential = options.strategy === exhaustiveName
    this.#merger = new Merger({ stopsAtFirst: options.stopsAtFirst ?? true })
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async run(): Promise<Exploration> {
    const { workers, schedules, signal } = this.#options
    const count = this.#isSequential ? 1 : Math.max(1, Math.min(workers, Math.ceil(schedules / batchSize)))
    const interrupt = () => {
      this.#interrupted = true
      this.#resolve()
    }
    if (signal?.aborted) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    for (let worker = 0; worker < count && !signal?.aborted; worker++) this.#start()
    try {
      await this.#done
    } finally {
      signal?.removeEventListener('abort', interrupt)
      await Promise.all([...this.#threads].map((thread) => thread.end()))
      if (this.#options.stock === undefined) await this.#stock.end()
    }
    return this.#result()
  }

  #result(): Exploration {
    if (this.#failure !== null && this.#failure.index < this.#merger.cutAt) throw this.#failure.error
    const exhausted = this.#isSequential ? (this.#exhausted ?? false) : null
    return this.#merger.merged({ exhausted, interrupted: this.#interrupted })
  }

  #start(): void {
    const { spec, seed, strategy, variant = {} } = this.#options
    const thread: PoolThread = new PoolThread({ spec, seed, strategy, variant }, this.#stock, this.#limits, {
      outcome: (outcome) => this.#take(outcome),
      idle: ({ hasMore, exhausted }) => {
        this.#exhausted = exhausted
        if (hasMore) this.#feed(thread)
        else this.#resolve()
      },
      stuck: (schedule) => this.#giveUp(thread, schedule),
      failed: (error, index) => this.#fail(error, index),
    })
    this.#threads.add(thread)
    this.#feed(thread)
  }

  /** Schedules behind this index need not be run. */
  get #last(): number {
    return Math.min(this.#options.schedules - 1, this.#merger.cutAt, this.#failure?.index ?? Number.POSITIVE_INFINITY)
  }

  #take(outcome: Outcome | null): void {
    if (outcome !== null) this.#merger.add(outcome)
    this.#options.progress?.(this.#merger.size)
    if (outcome?.verdict === 'invalid') this.#endWhenDone()
  }

  /** Gives an idle thread the next schedules; when there are none, and no other thread works, all is done. */
  #feed(thread: PoolThread): void {
    const from = this.#returned[0]?.from ?? this.#next
    if (from > this.#last) this.#endWhenDone()
    else if (thread.isWorn && !this.#isSequential) void this.#replace(thread)
    else thread.run(this.#nextBatch())
  }

  #nextBatch(): Batch {
    const returned = this.#returned.shift()
    if (returned !== undefined) return returned
    const from = this.#next
    this.#next = Math.min(from + batchSize, this.#options.schedules)
    return { from, to: this.#next }
  }

  /** What other threads still run may be behind the last schedule that counts; it is not waited for. */
  #endWhenDone(): void {
    const waits = [...this.#threads].some(
      ({ batch }) => batch !== null && batch.from < batch.to && batch.from <= this.#last,
    )
    if (!waits && (this.#returned[0]?.from ?? this.#next) > this.#last) this.#resolve()
  }

  async #replace(thread: PoolThread): Promise<void> {
    this.#threads.delete(thread)
    this.#start()
    await thread.end()
  }

  /** Ends a thread with the schedule that does not come back; the rest of its batch is for others. */
  #giveUp(thread: PoolThread, schedule: ScheduleName): void {
    const { batch } = thread
    this.#take(stuckOutcome(schedule, this.#limits.stuckSeconds, null))
    // Without the natural schedule nothing is known that strategies need, and all orders follow from those before.
    if (schedule.index === 0 || this.#isSequential) {
      this.#resolve()
      return
    }
    if (batch !== null && schedule.index + 1 < batch.to) this.#returned.push({ from: schedule.index + 1, to: batch.to })
    this.#returned.sort((one, other) => one.from - other.from)
    void this.#replace(thread)
  }

  #fail(error: unknown, index: number | null): void {
    if (index === null) {
      this.#reject(error)
      return
    }
    if (this.#failure === null || index < this.#failure.index) this.#failure = { index, error }
    this.#endWhenDone()
  }
}
