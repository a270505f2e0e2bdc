import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../entry.ts'
import { messageOf } from '../errors.ts'
import { endThread } from './end-thread.ts'
import type { WorkerNews, WorkerOrder, WorkerStart } from './pool-messages.ts'

/** Whoever has schedules run hears of them. */
export interface WorkerOwner {
  hear(news: WorkerNews): void
  died(how: string): void
}

/**
 * How much a thread may hold of what was made lately before it is looked through, in MiB: 48 where nobody says otherwise. What
 * a schedule makes is garbage when it ends, so that it is best looked through then. That of a hundred clients is too large
 * for 48 MiB, and takes up to a fifth longer (`npm run bench -- sim`, which runs with the same).
 */
export const youngGenerationMiB = 192

/** A worker thread that runs schedules, of one subject after the other. */
export class ScheduleWorker {
  /** Counts the steps of all schedules that the thread runs; it writes, others look. */
  readonly beat = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  /** Null while it is at rest. */
  owner: WorkerOwner | null = null
  /** How many schedules it has run, and what its heap held after the last batch. */
  schedules = 0
  heapMiB = 0
  readonly #thread: Worker
  #isDead = false

  constructor() {
    this.#thread = new Worker(entry('harness/explore/pool-worker'), {
      workerData: { beat: this.beat } satisfies WorkerStart,
      execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMiB },
      // What the code under test writes is no part of the harness' own output.
      stdout: true,
      stderr: true,
    })
    this.#thread.stdout.resume()
    this.#thread.stderr.resume()
    this.#thread.on('message', (news: WorkerNews) => this.owner?.hear(news))
    this.#thread.on('error', (error) => this.#die(messageOf(error)))
    this.#thread.on('exit', (code) => this.#die(`it ended with code ${code}`))
  }

  get isDead(): boolean {
    return this.#isDead
  }

  send(order: WorkerOrder): void {
    this.#thread.postMessage(order)
  }

  /** Ends it after the schedule that it runs. */
  async end(graceMs?: number): Promise<void> {
    this.owner = null
    await endThread(this.#thread, graceMs)
  }

  /** Ends it, whatever it does. */
  async terminate(): Promise<void> {
    this.owner = null
    await this.#thread.terminate()
  }

  #die(how: string): void {
    this.#isDead = true
    this.owner?.died(how)
  }
}
