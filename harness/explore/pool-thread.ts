import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import type { Outcome } from './exploration.ts'
import type { Batch, ScheduleName, WorkerNews, WorkerTask } from './pool-messages.ts'

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

/** A worker thread that runs batches of schedules, watched. */
export class PoolThread {
  /** What it has been given and not told the end of. */
  batch: Batch | null = null
  readonly #worker: Worker
  readonly #listener: ThreadListener
  readonly #limits: ThreadLimits
  readonly #watch: NodeJS.Timeout
  #begun: { schedule: ScheduleName; used: EventLoopUtilization } | null = null
  #schedules = 0
  #heapMiB = 0
  #hasEnded = false

  constructor(task: WorkerTask, limits: ThreadLimits, listener: ThreadListener) {
    this.#listener = listener
    this.#limits = limits
    this.#worker = new Worker(entry('harness/explore/pool-worker'), {
      workerData: task,
      execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
      // What the code under test writes is no part of the harness' own output.
      stdout: true,
      stderr: true,
    })
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on('message', (news: WorkerNews) => this.#hear(news))
    this.#worker.on('error', (error) => this.#die(messageOf(error)))
    this.#worker.on('exit', (code) => this.#die(`it ended with code ${code}`))
    this.#watch = setInterval(() => this.#look(), Math.min(watchMsMax, (limits.stuckSeconds * 1000) / 4))
  }

  /** Whether it is to be replaced before it runs more. */
  get isWorn(): boolean {
    return this.#heapMiB > this.#limits.heapMiBMax || this.#schedules >= this.#limits.schedulesMax
  }

  run(batch: Batch): void {
    this.batch = batch
    this.#worker.postMessage(batch)
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    clearInterval(this.#watch)
    await this.#worker.terminate()
  }

  #hear(news: WorkerNews): void {
    if (this.#hasEnded) return
    if (news.type === 'begins') this.#begin(news.schedule)
    else if (news.type === 'ended') this.#endSchedule(news)
    else if (news.type === 'idle') this.#rest(news)
    else this.#fail(new HarnessError(news.code, news.message), news.index)
  }

  #begin(schedule: ScheduleName): void {
    this.#begun = { schedule, used: this.#worker.performance.eventLoopUtilization() }
  }

  #endSchedule({ index, outcome }: Extract<WorkerNews, { type: 'ended' }>): void {
    this.#begun = null
    this.#schedules++
    if (this.batch !== null) this.batch = { from: index + 1, to: this.batch.to }
    this.#listener.outcome(outcome)
  }

  #rest(news: Extract<WorkerNews, { type: 'idle' }>): void {
    this.#begun = null
    this.batch = null
    this.#heapMiB = news.heapMiB
    this.#listener.idle(news)
  }

  /** A schedule that never comes back would hold up everything. Time in which the thread does not run does not count. */
  #look(): void {
    if (this.#begun === null) return
    const { schedule, used } = this.#begun
    const { active } = performance.eventLoopUtilization(this.#worker.performance.eventLoopUtilization(), used)
    if (active < this.#limits.stuckSeconds * 1000) return
    this.#begun = null
    this.#listener.stuck(schedule)
  }

  #die(how: string): void {
    this.#fail(new HarnessError('ERR_INTERNAL', `a thread that ran schedules died: ${how}`), null)
  }

  #fail(error: unknown, index: number | null): void {
    if (this.#hasEnded) return
    this.#begun = null
    this.batch = null
    this.#listener.failed(error, index)
  }
}
