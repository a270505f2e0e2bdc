import { Worker } from 'node:worker_threads'
import { errors, probeChannels, republish, resources } from 'raceproof/probe'
import { builtFile } from '../sync/built-file.ts'
import type { DatasetSpec, JobResult } from './job.ts'
import type { Assignment } from './job-runner.ts'
import { type SharedStateMemory, type SharedStateParts, sharedStateParts } from './shared-state.ts'
import type { FromWorker, ThreadPartsSource, ToWorker, WorkerStart } from './worker-message.ts'

/** What runs jobs: a thread of its own, with the messages of a worker thread. */
export interface PoolThread {
  postMessage(message: ToWorker): void
  on(event: 'message', listener: (message: FromWorker) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  once: PoolThread['on']
}

/** A worker thread, and who waits for its job. */
interface Member {
  readonly name: string
  readonly worker: PoolThread
  /** It has loaded its code, and takes jobs. */
  ready: boolean
  job: { resolve: (result: JobResult | null) => void; reject: (error: Error) => void } | undefined
}

/** A fixed number of worker threads over one shared state, each of which runs one job at a time. */
export class WorkerPool {
  /** What the threads keep the shared state with. */
  protected readonly parts: SharedStateParts
  readonly #memory: SharedStateMemory
  readonly #threadParts: ThreadPartsSource | null
  readonly #idle: Member[] = []
  readonly #members = new Set<Member>()
  #started = 0
  #stopping = false

  /** Classes cannot be sent to a thread; `threadParts` says where it finds them when they are not the usual ones. */
  constructor(
    memory: SharedStateMemory,
    parts: SharedStateParts = sharedStateParts,
    threadParts: ThreadPartsSource | null = null,
  ) {
    this.#memory = memory
    this.parts = parts
    this.#threadParts = threadParts
  }

  /** Starts the threads, and waits until all are running. */
  async start(size: number): Promise<void> {
    await Promise.all(Array.from({ length: size }, () => this.#addMember()))
  }

  /** How many threads are alive. */
  get size(): number {
    return this.#members.size
  }

  /**
   * Runs a job. Resolves with what it computed, null when it was stopped; rejects when its thread failed or died.
   * The caller sees to it that there are never more jobs than threads.
   */
  run(assignment: Assignment): Promise<JobResult | null> {
    const member = this.#idle.pop()
    if (member === undefined) return Promise.reject(new Error('all worker threads are busy'))
    return new Promise((resolve, reject) => {
      member.job = { resolve, reject }
      send(member, { type: 'job', assignment })
    })
  }

  /** Makes the points of a dataset. */
  async makePoints(spec: DatasetSpec): Promise<Float64Array> {
    const result = await this.run({ spec, life: null })
    return result?.points as Float64Array
  }

  /** Asks all threads to end once their job is done, and waits until they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    const exits = [...this.#members].map(({ worker }) => new Promise((resolve) => worker.once('exit', resolve)))
    for (const member of this.#members) send(member, { type: 'end' })
    await Promise.all(exits)
  }

  /** The file that a thread runs. */
  protected entry(): string {
    return builtFile('reference-impl/state/job-worker')
  }

  protected startThread(start: WorkerStart): PoolThread {
    // Built JavaScript needs none of the loader's flags that the main thread may have been started with.
    return new Worker(this.entry(), { name: start.name, workerData: start, execArgv: [] })
  }

  async #addMember(): Promise<void> {
    const name = `job-runner-${++this.#started}`
    const relay = Object.values(probeChannels).some((channel) => channel.hasSubscribers)
    const worker = this.startThread({ name, memory: this.#memory, relay, parts: this.#threadParts })
    const member: Member = { name, worker, ready: false, job: undefined }
    this.#members.add(member)
    this.#tell('open', name)
    worker.on('message', (message) => this.#receive(member, message))
    worker.on('error', (error) => this.#settle(member, (job) => job.reject(error)))
    worker.on('exit', (code) => this.#lose(member, code))
    await readyOrGone(worker, name)
  }

  #receive(member: Member, message: FromWorker): void {
    if (message.type === 'probes') {
      for (const { topic, message: published } of message.published) republish(topic, published)
      return
    }
    member.ready = true
    if (message.type === 'done') this.#settle(member, (job) => job.resolve(message.result))
    if (message.type === 'failed') this.#settle(member, (job) => job.reject(new Error(message.message)))
    this.#idle.push(member)
  }

  #settle(member: Member, outcome: (job: NonNullable<Member['job']>) => void): void {
    const { job } = member
    member.job = undefined
    if (job !== undefined) outcome(job)
  }

  /** A thread is gone. If nobody asked for that, its job has failed and another thread takes its place. */
  #lose(member: Member, code: number): void {
    this.#members.delete(member)
    this.#tell('close', member.name)
    this.#settle(member, (job) => job.reject(new Error(`its worker thread ended with code ${code}`)))
    const position = this.#idle.indexOf(member)
    if (position >= 0) this.#idle.splice(position, 1)
    // One that never got ready would not do so the next time either.
    if (this.#stopping || !member.ready) return
    this.#report(`worker thread ${member.name} ended with code ${code}; another one takes its place`)
    this.#addMember().catch((error: Error) => this.#report(`no worker thread could take its place: ${error.message}`))
  }

  #report(message: string): void {
    if (errors.hasSubscribers) errors.publish({ where: 'worker pool', message })
  }

  #tell(event: 'open' | 'close', id: string): void {
    if (resources.hasSubscribers) resources.publish({ event, resource: 'worker', id })
  }
}

/** Waits for the first word of a thread; rejects when it fails or ends before that. */
function readyOrGone(worker: PoolThread, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new Error(`worker thread ${name} ended with code ${code} before it was ready`)),
    )
  })
}

function send({ worker }: Member, message: ToWorker): void {
  worker.postMessage(message)
}
