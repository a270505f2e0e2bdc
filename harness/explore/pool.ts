import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import { type Exploration, Merger, type Outcome } from './exploration.ts'
import type { Batch, SubjectSpec, WorkerNews, WorkerTask } from './pool-messages.ts'
import type { Judged, Variant } from './subject.ts'

export interface PoolOptions {
  spec: SubjectSpec
  seed: number
  schedules: number
  /** The name of a strategy, see {@link strategiesNamed}. */
  strategy: string
  /** How many threads share the schedules. The result does not depend on it. */
  workers: number
  variant?: Omit<Variant, 'seed'>
  stopsAtFirst?: boolean
  /** Ends it: what was seen until then counts. */
  signal?: AbortSignal
  progress?(schedules: number): void
  /** A schedule that keeps its thread busy for longer, in seconds of processor time, is ended and told; 30 by default. */
  stuckSeconds?: number
}

/** Few enough that no worker waits long for the last one, many enough that messages do not count. */
const batchSize = 8
/** A worker is replaced before its heap gets larger, or after so many schedules: libraries keep things in their modules. */
const heapAtMostMiB = 700
const schedulesAtMost = 5000
const watchMs = 1000

/**
 * Explores a subject on worker threads. Throws what the subject throws, `ERR_NONDETERMINISM`, and `ERR_INTERNAL` when a
 * thread dies. No thread is left, whatever happens.
 */
export function explorePool(options: PoolOptions): Promise<Exploration> {
  return new Pool(options).run()
}

class Pool {
  readonly #options: PoolOptions
  readonly #merger: Merger
  readonly #threads = new Set<Thread>()
  readonly #done: Promise<void>
  #resolve!: () => void
  #reject!: (error: unknown) => void
  #next = 0

  constructor(options: PoolOptions) {
    this.#options = options
    this.#merger = new Merger({ stopsAtFirst: options.stopsAtFirst ?? true })
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  async run(): Promise<Exploration> {
    const { workers, schedules, signal } = this.#options
    const count = Math.max(1, Math.min(workers, Math.ceil(schedules / batchSize)))
    const interrupt = () => this.#resolve()
    if (signal?.aborted) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    for (let worker = 0; worker < count && !signal?.aborted; worker++) this.#start()
    try {
      await this.#done
    } finally {
      signal?.removeEventListener('abort', interrupt)
      await Promise.all([...this.#threads].map((thread) => thread.end()))
    }
    return this.#merger.merged()
  }

  #start(): void {
    const { spec, seed, strategy, variant = {}, stuckSeconds = 30 } = this.#options
    const thread: Thread = new Thread({ spec, seed, strategy, variant }, stuckSeconds, {
      outcome: (outcome) => this.#take(outcome),
      idle: (isWorn) => this.#feed(thread, isWorn),
      stuck: (outcome) => {
        this.#take(outcome)
        void this.#replace(thread)
      },
      failed: (error) => this.#reject(error),
    })
    this.#threads.add(thread)
    this.#feed(thread, false)
  }

  #take(outcome: Outcome): void {
    this.#merger.add(outcome)
    this.#options.progress?.(this.#merger.size)
  }

  /** Gives an idle thread the next schedules; when there are none, and no other thread works, all is done. */
  #feed(thread: Thread, isWorn: boolean): void {
    const to = Math.min(this.#next + batchSize, this.#options.schedules)
    if (this.#next >= to || this.#next > this.#merger.cutAt) {
      thread.rest()
      if ([...this.#threads].every(({ isBusy }) => !isBusy)) this.#resolve()
    } else if (isWorn) void this.#replace(thread)
    else {
      thread.run({ from: this.#next, to })
      this.#next = to
    }
  }

  async #replace(thread: Thread): Promise<void> {
    this.#threads.delete(thread)
    this.#start()
    await thread.end()
  }
}

interface ThreadListener {
  outcome(outcome: Outcome): void
  idle(isWorn: boolean): void
  stuck(outcome: Outcome): void
  failed(error: unknown): void
}

/** One worker thread, watched. */
class Thread {
  isBusy = false
  readonly #worker: Worker
  readonly #listener: ThreadListener
  readonly #stuckMs: number
  readonly #watch: NodeJS.Timeout
  #begun: { index: number; seed: number; used: EventLoopUtilization } | null = null
  #schedules = 0
  #hasEnded = false

  constructor(task: WorkerTask, stuckSeconds: number, listener: ThreadListener) {
    this.#listener = listener
    this.#stuckMs = stuckSeconds * 1000
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
    this.#worker.on('error', (error) => this.#fail(died(messageOf(error))))
    this.#worker.on('exit', (code) => this.#fail(died(`it ended with code ${code}`)))
    this.#watch = setInterval(() => this.#look(), watchMs)
  }

  run(batch: Batch): void {
    this.isBusy = true
    this.#worker.postMessage(batch)
  }

  rest(): void {
    this.isBusy = false
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    clearInterval(this.#watch)
    await this.#worker.terminate()
  }

  #hear(news: WorkerNews): void {
    if (this.#hasEnded) return
    if (news.type === 'begins') {
      this.#begun = { index: news.index, seed: news.seed, used: this.#worker.performance.eventLoopUtilization() }
    } else if (news.type === 'outcome') {
      this.#begun = null
      this.#schedules++
      this.#listener.outcome(news.outcome)
    } else if (news.type === 'idle') {
      this.#listener.idle(news.heapMiB > heapAtMostMiB || this.#schedules > schedulesAtMost)
    } else this.#fail(new HarnessError(news.code, news.message))
  }

  /** A schedule that never comes back would hold up everything; processor time counts, so that a busy machine does not. */
  #look(): void {
    if (this.#begun === null) return
    const { index, seed, used } = this.#begun
    const { active } = performance.eventLoopUtilization(this.#worker.performance.eventLoopUtilization(), used)
    if (active < this.#stuckMs) return
    this.#begun = null
    this.#listener.stuck(stuckOutcome(index, seed, active))
  }

  #fail(error: unknown): void {
    if (!this.#hasEnded) this.#listener.failed(error)
  }
}

function died(how: string): HarnessError {
  return new HarnessError('ERR_INTERNAL', `a thread that ran schedules died: ${how}`)
}

function stuckOutcome(index: number, seed: number, activeMs: number): Outcome {
  const message = `schedule ${index} (seed ${seed}) never came back: one callback has kept the processor for ${Math.round(activeMs / 1000)} s, as an endless loop does`
  const judged: Judged = {
    verdict: 'invalid',
    findings: [{ check: 'progress', message, clients: [], evidence: [] }],
    history: [],
    clients: 0,
    faults: [],
    calls: [],
  }
  const told = { choices: [], judged }
  return { index, seed, strategy: '', hash: '', order: '', verdict: 'invalid', calls: 0, repeated: false, told }
}
