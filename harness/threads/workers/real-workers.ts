import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry, packageRoot } from '../../entry.ts'
import type { Executor } from '../one-schedule.ts'
import { scheduleThreads } from '../replay-fibers.ts'
import type { CompiledThread } from '../thread-program.ts'
import { Mailbox } from './mailbox.ts'
import { sentState } from './sent-state.ts'
import type { ScheduleStart, WorkerStart } from './thread-worker.ts'
import { WorkerThread } from './worker-thread.ts'

/** A worker and the way to talk to it. */
interface Post {
  readonly worker: Worker
  readonly mailbox: Mailbox
}

/**
 * Real `worker_threads`, one for each thread of a program, that run schedules one after the other. Each operation of their
 * code blocks until it is scheduled; memory is the shared memory itself, updates are done by the workers, waits and
 * notifications are modelled by the engine of replay fibers.
 */
export class RealWorkers {
  readonly #codes: readonly CompiledThread[]
  readonly #seed: number
  readonly #posts: Post[] = []
  readonly #lost = new Set<number>()

  private constructor(codes: readonly CompiledThread[], seed: number) {
    this.#codes = codes
    this.#seed = seed
  }

  /** Starts the workers; `seed` feeds their random numbers. Rejects when one does not start. */
  static async start(codes: readonly CompiledThread[], { seed }: { seed: number }): Promise<RealWorkers> {
    const workers = new RealWorkers(codes, seed)
    await Promise.all(codes.map((_, thread) => workers.#begin(thread)))
    return workers
  }

  /** Runs one schedule. To be called only when no worker has been lost since {@link repair}. */
  readonly executor: Executor = ({ engine, strategy, state, loops, memory }, options) => {
    const { buffers } = memory
    const threads = this.#posts.map(
      ({ mailbox }, thread) => new WorkerThread(thread, { engine, loops, buffers, mailbox }),
    )
    const start: ScheduleStart = { state: sentState(state), buffers }
    for (const { worker } of this.#posts) worker.postMessage(start)
    try {
      return scheduleThreads(engine, threads, strategy, options)
    } finally {
      for (const thread of threads) thread.giveUp()
      for (const { isLost, thread } of threads) if (isLost) this.#lost.add(thread)
    }
  }

  /** Replaces the workers that have not come back from a schedule. Returns the threads that they ran. */
  async repair(): Promise<number[]> {
    const lost = [...this.#lost]
    this.#lost.clear()
    await Promise.all(lost.map((thread) => this.#posts[thread]!.worker.terminate()))
    await Promise.all(lost.map((thread) => this.#begin(thread)))
    return lost
  }

  async close(): Promise<void> {
    await Promise.all(this.#posts.map(({ worker }) => worker.terminate()))
  }

  async #begin(thread: number): Promise<void> {
    const mailbox = new Mailbox()
    const start: WorkerStart = {
      mailbox: mailbox.buffer,
      thread,
      code: withBuiltImports(this.#codes[thread]!),
      seed: this.#seed,
    }
    const worker = new Worker(entry('harness/threads/workers/thread-worker'), { workerData: start })
    await once(worker, 'message')
    worker.unref()
    this.#posts[thread] = { worker, mailbox }
  }
}

/** Workers run built JavaScript: what is imported of this package's own sources is imported as it was built. */
function withBuiltImports({ module, run }: CompiledThread): CompiledThread {
  const sources = `${pathToFileURL(packageRoot)}/`
  const built = (from: string) =>
    from.startsWith(sources) && from.endsWith('.ts')
      ? pathToFileURL(entry(from.slice(sources.length, -'.ts'.length))).href
      : from
  return { module: { ...module, imports: module.imports.map((each) => ({ ...each, from: built(each.from) })) }, run }
}
