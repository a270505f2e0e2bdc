import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import { endThread } from './end-thread.ts'
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
  /** Counts the steps of all schedules that the thread runs; it writes, we look. */
  readonly #beat = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #begun: { schedule: ScheduleName; beat: number; sinceMs: number } | null = null
  #schedules = 0
  #heapMiB = 0
  #hasEnded = false
  #isStuck = false

  constructor(task: Omit<WorkerTask, 'beat'>, limits: ThreadLimits, listener: ThreadListener) {
    this.#listener = listener
    this.#limits = limits
    this.#worker = new Worker(entry('harness/explore/pool-worker'), {
      workerData: { ...task, beat: this.#beat } satisfies WorkerTask,
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
    await (this.#isStuck ? this.#worker.terminate() : endThread(this.#worker, this.#limits.stuckSeconds * 1000))
  }

  #hear(news: WorkerNews): void {
    if (this.#hasEnded) return
    if (news.type === 'begins') this.#begin(news.schedule)
    else if (news.type === 'ended') this.#endSchedule(news)
    else if (news.type === 'idle') this.#rest(news)
    else this.#fail(new HarnessError(news.code, news.message), news.index)
  }

  #begin(schedule: ScheduleName): void {
    this.#begun = { schedule, beat: this.#beat[0] as number, sinceMs: performance.now() }
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

  /** A schedule that never comes back would hold up everything. As long as it makes steps, however slowly, it does. */
  #look(): void {
    if (this.#begun === null) return
    const beat = this.#beat[0] as number
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
    this.#begun = null
    this.batch = null
    this.#listener.failed(error, index)
  }
}
