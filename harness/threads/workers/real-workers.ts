import { once } from 'node:events'
import { MessageChannel, type MessagePort, receiveMessageOnPort, threadId, Worker } from 'node:worker_threads'
import { entry } from '../../entry.ts'
import { noteLock } from '../follow-locks.ts'
import type { Ground } from '../one-schedule.ts'
import { Schedule, type ScheduleOptions, type ScheduleResult } from '../schedule.ts'
import { KnownBuffers } from './known-buffers.ts'
import { Mailbox } from './mailbox.ts'
import type { Note } from './note.ts'
import { sentState } from './sent-state.ts'
import type { ScheduleStart, WorkerStart } from './serve-schedules.ts'
import { WorkerThread } from './worker-thread.ts'

/** What workers are started with. */
export interface WorkerProgram {
  /** Their main file, by the name of its entry; it calls `serveSchedules()`. */
  readonly main: string
  /** What the main file makes the code of each thread of; it can be sent to a worker. */
  readonly codes: readonly unknown[]
  /** Which of the threads may block. */
  readonly canBlock: readonly boolean[]
  /** Whether plain accesses of rewritten code are steps. */
  readonly plainAccesses: boolean
}

export interface RealWorkersOptions {
  /** Feeds the random numbers of the workers. */
  readonly seed: number
  /** How long a worker may run between two operations; 10 s unless told otherwise. */
  readonly patienceMs?: number
  /** Told what the code of a thread has noted by its main file, before the operation that comes after that. */
  noted?(thread: number, own: unknown): void
}

const usualPatienceMs = 10_000

/** A worker and the way to talk to it. */
interface Post {
  readonly worker: Worker
  readonly mailbox: Mailbox
  /** Where shared memory comes that the worker has made. */
  readonly port: MessagePort
}

/**
 * Real `worker_threads`, one for each thread of a program, that run schedules one after the other. Each operation of their
 * code blocks until it is scheduled; memory is the shared memory itself, updates are done by the workers, waits and
 * notifications are modelled by the engine of replay fibers.
 */
export class RealWorkers {
  readonly #program: WorkerProgram
  readonly #options: RealWorkersOptions
  readonly #posts: Post[] = []
  readonly #lost = new Set<number>()

  private constructor(program: WorkerProgram, options: RealWorkersOptions) {
    this.#program = program
    this.#options = options
  }

  /** Starts the workers. Rejects when one does not start, with what it threw. */
  static async start(program: WorkerProgram, options: RealWorkersOptions): Promise<RealWorkers> {
    const workers = new RealWorkers(program, options)
    try {
      await Promise.all(program.codes.map((_, thread) => workers.#begin(thread)))
      return workers
    } catch (thrown) {
      await workers.close()
      throw thrown
    }
  }

  /** Runs one schedule, as an `Executor`. To be called only when no worker has been lost since {@link repair}. */
  readonly executor = (ground: Ground, options: ScheduleOptions): ScheduleResult => {
    const { state, memory, engine, strategy } = ground
    const threads = this.#posts.map((post, thread) => this.#threadOf(thread, post, ground))
    const start: ScheduleStart = { state: sentState(state), buffers: memory.buffers }
    for (const { worker } of this.#posts) worker.postMessage(start)
    try {
      return new Schedule(engine, strategy, options).run(threads)
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
    for (const { port } of this.#posts) port.close()
  }

  #threadOf(thread: number, { mailbox, port }: Post, { engine, loops, memory, locks }: Ground): WorkerThread {
    const buffers = new KnownBuffers(memory.buffers)
    const noted = (note: Note) => {
      if ('lock' in note) return noteLock(locks, thread, note.lock)
      if ('own' in note) return this.#options.noted?.(thread, note.own)
      const { message } = receiveMessageOnPort(port) as { message: SharedArrayBuffer }
      buffers.made(message)
      return memory.add(message)
    }
    return new WorkerThread(thread, {
      engine,
      loops,
      buffers,
      mailbox,
      patienceMs: this.#options.patienceMs ?? usualPatienceMs,
      noted,
    })
  }

  async #begin(thread: number): Promise<void> {
    const { main, codes, canBlock, plainAccesses } = this.#program
    const { seed } = this.#options
    const mailbox = new Mailbox()
    const own = { thread, code: codes[thread], canBlock: canBlock[thread] as boolean }
    const { port1, port2: port } = new MessageChannel()
    const start: WorkerStart = { ...own, mailbox: mailbox.buffer, port: port1, seed, plainAccesses, threadId }
    // What the code under test writes is no part of the harness' own output.
    const output = { stdout: true, stderr: true }
    const worker = new Worker(entry(main), { workerData: start, transferList: [port1], ...output })
    this.#posts[thread] = { worker, mailbox, port }
    await isReady(worker, thread)
    worker.unref()
  }
}

/** Resolves when a worker has loaded its code; rejects with what it throws instead. */
async function isReady(worker: Worker, thread: number): Promise<void> {
  const ended = new AbortController()
  const exits = once(worker, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the worker of thread ${thread} ended with ${code} while it loaded its code`)
  })
  exits.catch(() => {})
  try {
    await Promise.race([once(worker, 'message'), exits])
  } finally {
    ended.abort()
  }
}
