import { HarnessError } from '../errors.ts'
import type { Outcome } from './exploration.ts'
import type { Batch, ScheduleName, WorkerNews, WorkerTask } from './pool-messages.ts'
import type { ScheduleWorker } from './schedule-worker.ts'
import type { WorkerStock } from './worker-stock.ts'

/** When a thread is ended or replaced. */
export interface ThreadLimits {
  /** A schedule that keeps its thread busy for longer is ended. */
  stuckSeconds: number
  /** The thread is worn when its heap holds more, or after so many schedules: libraries keep things in their modules. */
  heapMiBMax: number
  schedulesMax: number
}

/** What a thread tells. */
export interface ThreadListener {
  /** Null for a schedule that does not count. */
  outcome(outcome: Outcome | null): void
  /** Its batch is done. */
  idle(news: Extract<WorkerNews, { type: 'idle' }>): void
  /** A schedule does not come back. */
  stuck(schedule: ScheduleName): void
  /** The index is that of the schedule in which it failed, where there is one. */
  failed(error: unknown, index: number | null): void
}

const watchMsMax = 1000

/** A worker thread that runs batches of schedules of one subject, watched. */
export class PoolThread {
  /** What it has been given and not told the end of. */
  batch: Batch | null = null
  readonly #worker: ScheduleWorker
  readonly #stock: WorkerStock
  readonly #listener: ThreadListener
  readonly #limits: ThreadLimits
  readonly #watch: NodeJS.Timeout
  #begun: { schedule: ScheduleName; beat: number; sinceMs: number } | null = null
  #hasEnded = false
  #isStuck = false
  #hasFailed = false

  constructor(task: WorkerTask, stock: WorkerStock, limits: ThreadLimits, listener: ThreadListener) {
    this.#listener = listener
    this.#limits = limits
    this.#stock = stock
    this.#worker = stock.take()
    this.#worker.owner = { hear: (news) => this.#hear(news), died: (how) => this.#die(how) }
    this.#worker.send(task)
    this.#watch = setInterval(() => this.#look(), Math.min(watchMsMax, (limits.stuckSeconds * 1000) / 4))
  }

  /** Whether it is to be replaced before it runs more. */
  get isWorn(): boolean {
    const { heapMiB, schedules } = this.#worker
    return heapMiB > this.#limits.heapMiBMax || schedules >= this.#limits.schedulesMax
  }

  run(batch: Batch): void {
    this.batch = batch
    this.#worker.send(batch)
  }

  /** Leaves the worker to others when it is at rest, and ends it otherwise. */
  async end(): Promise<void> {
    this.#hasEnded = true
    clearInterval(this.#watch)
    if (this.#isStuck) await this.#worker.terminate()
    else if (this.batch !== null || this.#hasFailed || this.isWorn)
      await this.#worker.end(this.#limits.stuckSeconds * 1000)
    else this.#stock.giveBack(this.#worker)
  }

  #hear(news: WorkerNews): void {
    if (this.#hasEnded) return
    if (news.type === 'begins') this.#begin(news.schedule)
    else if (news.type === 'ended') this.#endSchedule(news)
    else if (news.type === 'idle') this.#rest(news)
    else this.#fail(new HarnessError(news.code, news.message), news.index)
  }

  #begin(schedule: ScheduleName): void {
    this.#begun = { schedule, beat: this.#worker.beat[0] as number, sinceMs: performance.now() }
  }

  #endSchedule({ index, outcome }: Extract<WorkerNews, { type: 'ended' }>): void {
    this.#begun = null
    this.#worker.schedules++
    if (this.batch !== null) this.batch = { from: index + 1, to: this.batch.to }
    this.#listener.outcome(outcome)
  }

  #rest(news: Extract<WorkerNews, { type: 'idle' }>): void {
    this.#begun = null
    this.batch = null
    this.#worker.heapMiB = news.heapMiB
    this.#listener.idle(news)
  }

  /** A schedule that never comes back would hold up everything. As long as it makes steps, however slowly, it does. */
  #look(): void {
    if (this.#begun === null) return
    const beat = this.#worker.beat[0] as number
    const nowMs = performance.now()
    if (beat !== this.#begun.beat) this.#begun = { ...this.#begun, beat, sinceMs: nowMs }
    if (nowMs - this.#begun.sinceMs < this.#limits.stuckSeconds * 1000) return
    const { schedule } = this.#begun
    this.#begun = null
    this.#isStuck = true
    this.#listener.stuck(schedule)
  }

  #die(how: string): void {
    this.#fail(new HarnessError('ERR_INTERNAL', `a thread that ran schedules died: ${how}`), null)
  }

  #fail(error: unknown, index: number | null): void {
    if (this.#hasEnded) return
    this.#hasFailed = true
    this.#begun = null
    this.batch = null
    this.#listener.failed(error, index)
  }
}
