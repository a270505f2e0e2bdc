import type { SharedSemaphore } from '../sync/shared-semaphore.ts'
import type { JobSpec } from './job.ts'
import type { JobEnd, JobRecord, JobRequest, JobTable } from './job-table.ts'
import { Refusal } from './refusal.ts'
import type { WorkerPool } from './worker-pool.ts'

export interface JobRegistryOptions {
  table: JobTable
  pool: Pick<WorkerPool, 'run'>
  /** How many jobs of this kind may run at once. */
  permits: SharedSemaphore
  /** What a job is to compute; may have to be loaded. */
  specOf: (job: JobRecord) => Promise<JobSpec>
  /** How many jobs may wait or run; more are refused. */
  maxActive: number
  /** How many jobs are kept, ended ones included. */
  keep: number
}

interface Work {
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** Starts, stops and restarts the jobs of one kind, and runs them on worker threads, as many at once as there are permits. */
export class JobRegistry {
  protected readonly options: JobRegistryOptions
  readonly #works = new Map<string, Work>()
  #stopping = false

  constructor(options: JobRegistryOptions) {
    this.options = options
  }

  /** Adds a job and begins to run it. Refuses (409) an id that is taken, and (429) more than the cap. */
  async start(request: JobRequest): Promise<JobRecord> {
    this.#checkCap()
    const { table, keep } = this.options
    const job = await table.run(() => {
      table.keepWithin(keep)
      return table.add(request)
    })
    if (job === null) throw new Refusal(409, `there is a job ${request.id} already; restart it, or choose another id`)
    return this.#launch(job)
  }

  /** Runs a job that has ended once more, under the same id. Refuses (404, 409, 429) otherwise. */
  async restart(id: string): Promise<JobRecord> {
    this.#checkCap()
    const { table } = this.options
    const { job, before } = await table.run(() => ({ before: table.get(id), job: table.restart(id) }))
    if (job === null) throw unfit(id, before, 'restart it when it has ended')
    return this.#launch(job)
  }

  /** Asks a job to stop. Refuses (404, 409) when there is nothing to stop. */
  async stop(id: string): Promise<JobRecord> {
    const { table } = this.options
    const { job, before } = await table.run(() => ({ before: table.get(id), job: table.requestStop(id) }))
    if (job === null) throw unfit(id, before, 'there is nothing to stop')
    this.abort(job)
    return job
  }

  /** A job, as of now. Refuses (404) when there is none. */
  async get(id: string): Promise<JobRecord> {
    const { table } = this.options
    const job = await table.run(() => table.get(id))
    if (job === undefined) throw new Refusal(404, `there is no job ${id}`)
    return job
  }

  /** Waits until a job has ended, and returns it. Refuses (404) when there is none. */
  async ended(id: string): Promise<JobRecord> {
    const job = await this.get(id)
    await this.#works.get(keyOf(job))?.done
    return this.get(id)
  }

  list(): Promise<readonly JobRecord[]> {
    const { table } = this.options
    return table.run(() => table.list())
  }

  /** Forgets the jobs that ended at least so long ago, in one step, and returns their ids. */
  cleanup(olderThanMs: number): Promise<string[]> {
    const { table } = this.options
    return table.run(() => table.removeEnded(Date.now() - olderThanMs))
  }

  /** Takes no more jobs, stops all that wait or run, and waits until they have ended. */
  async close(): Promise<void> {
    this.#stopping = true
    const { table } = this.options
    const asked = await table.run(() => table.list().map(({ id }) => table.requestStop(id)))
    for (const job of asked) if (job !== null) this.abort(job)
    await Promise.all([...this.#works.values()].map(({ done }) => done))
  }

  /** Runs a job to its end with a permit, which is given back whatever happens. */
  protected work(job: JobRecord, signal: AbortSignal): Promise<void> {
    const { permits, pool, specOf } = this.options
    return permits.run(
      async () => {
        await pool.run({ spec: await specOf(job), life: job })
      },
      { signal },
    )
  }

  /** Whoever waits for the job's permit gives up. A worker sees for itself that it should stop. */
  protected abort(job: JobRecord): void {
    this.#works.get(keyOf(job))?.stop.abort()
  }

  #checkCap(): void {
    if (this.#stopping) throw new Refusal(503, 'the server is shutting down', 1)
    if (this.#works.size < this.options.maxActive) return
    throw new Refusal(429, `${this.#works.size} jobs wait or run already; try again when some have ended`, 1)
  }

  #launch(job: JobRecord): JobRecord {
    const stop = new AbortController()
    const done = this.work(job, stop.signal)
      .catch((thrown: unknown) => this.#end(job, stop.signal.aborted ? { state: 'stopped' } : failure(thrown)))
      .finally(() => this.#works.delete(keyOf(job)))
    this.#works.set(keyOf(job), { stop, done })
    return job
  }

  /** Ends a job that its worker could not end. */
  #end(job: JobRecord, end: JobEnd): Promise<void> {
    const { table } = this.options
    return table.run(() => void table.end(job, end))
  }
}

function keyOf({ id, attempt }: JobRecord): string {
  return `${id}#${attempt}`
}

function unfit(id: string, job: JobRecord | undefined, advice: string): Refusal {
  if (job === undefined) return new Refusal(404, `there is no job ${id}`)
  return new Refusal(409, `job ${id} is ${job.state}; ${advice}`)
}

function failure(thrown: unknown): JobEnd {
  return { state: 'failed', error: thrown instanceof Error ? thrown.message : String(thrown) }
}
