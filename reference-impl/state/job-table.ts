import { transitions } from 'raceproof/probe'
import type { Json } from './json.ts'
import { type SharedDict, ThreadSafeDict, type ThreadSafeDictOptions } from './thread-safe-dict.ts'

export type JobState = 'queued' | 'running' | 'stopping' | 'completed' | 'failed' | 'stopped'

/** Which states may follow which. A job that has ended can only be restarted, which is a new life under the same id. */
export const jobTransitions: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'stopped', 'failed'],
  running: ['completed', 'failed', 'stopping'],
  stopping: ['stopped', 'completed', 'failed'],
  completed: [],
  failed: [],
  stopped: [],
}

/** What is known of a job, by all threads. */
export type JobRecord = {
  readonly id: string
  /** Counts the lives of the id: 1, and one more after each restart. */
  readonly attempt: number
  readonly state: JobState
  /** The dataset that an analysis is about; null for a simulation. */
  readonly dataset: string | null
  readonly seed: number
  readonly steps: number
  /** Between 0 and 1. */
  readonly progress: number
  readonly result: Json
  readonly error: string | null
  /** Milliseconds since 1970. */
  readonly createdMs: number
  readonly endedMs: number | null
}

/** What a job is asked to do. */
export type JobRequest = Pick<JobRecord, 'id' | 'dataset' | 'seed' | 'steps'>

/** One life of a job. Whoever works for it names it, so that a late word about an earlier life does no harm. */
export type JobLife = Pick<JobRecord, 'id' | 'attempt'>

/** How a job ended. */
export interface JobEnd {
  state: 'completed' | 'failed' | 'stopped'
  result?: Json
  error?: string
}

/**
 * The jobs of one kind, shared by all threads: the event loop adds, stops and restarts them, worker threads advance and
 * end them. Each method but {@link record} looks, decides and writes in one step, whichever thread calls it. Synchronous,
 * as a worker thread uses it; an event loop calls its methods inside {@link run}.
 */
export class JobTable {
  readonly #machine: string
  protected readonly jobs: ThreadSafeDict<JobRecord>

  /** `machine` names the jobs' life cycle in probes. */
  constructor(machine: string, options: ThreadSafeDictOptions<JobRecord>) {
    this.#machine = machine
    this.jobs = new ThreadSafeDict(options)
  }

  /** Takes the table's lock without blocking the thread; all that the section does with the table is one step. */
  run<T>(section: () => T | Promise<T>): Promise<T> {
    return this.jobs.run(section)
  }

  /** The memory of it, to hand to another thread. */
  share(): SharedDict {
    return this.jobs.shared
  }

  get(id: string): JobRecord | undefined {
    return this.jobs.get(id)
  }

  /** All jobs, in the order in which they were added. */
  list(): readonly JobRecord[] {
    return this.jobs.values()
  }

  /** Adds a job that waits to be run; null when there is one of that id. */
  add(request: JobRequest): JobRecord | null {
    return this.jobs.lock.runSync(() => (this.jobs.has(request.id) ? null : this.#begin(request, 1)))
  }

  /** Begins a new life of a job that has ended; null when it has not, or is not there. */
  restart(id: string): JobRecord | null {
    return this.jobs.lock.runSync(() => {
      const job = this.jobs.get(id)
      return job !== undefined && hasEnded(job.state) ? this.#begin(job, job.attempt + 1) : null
    })
  }

  /** A worker takes the job up. False when it is not waiting any more. */
  start(life: JobLife): boolean {
    return this.#move(life, 'running', {})
  }

  /** Records how far a job is. False when it should stop. */
  advance(life: JobLife, progress: number): boolean {
    return this.jobs.lock.runSync(() => {
      const job = this.#living(life)
      if (job?.state !== 'running') return false
      this.jobs.set(job.id, { ...job, progress })
      return true
    })
  }

  /** Records that a job has ended. False when that life of it had ended before. */
  end(
    life: JobLife,
    { state, result = null, error = null }: { error?: string | null } & Omit<JobEnd, 'error'>,
  ): boolean {
    const progress = state === 'completed' ? { progress: 1 } : {}
    return this.#move(life, state, { ...progress, result, error, endedMs: Date.now() })
  }

  /**
   * Asks a job to stop: one that waits is stopped at once, one that runs will be, at its next slice. Returns the job as
   * it is then; null when it is not there or has ended.
   */
  requestStop(id: string): JobRecord | null {
    return this.jobs.lock.runSync(() => {
      const job = this.jobs.get(id)
      if (job === undefined || hasEnded(job.state)) return null
      if (job.state === 'queued') this.end(job, { state: 'stopped' })
      else this.#move(job, 'stopping', {})
      return this.jobs.get(id) as JobRecord
    })
  }

  /** Removes the jobs that ended at that time or before, and returns their ids. One that was restarted has not ended. */
  removeEnded(untilMs: number): string[] {
    return this.jobs.lock.runSync(() => {
      const old = this.list().filter(({ endedMs }) => endedMs !== null && endedMs <= untilMs)
      return old.map(({ id }) => id).filter((id) => this.remove(id))
    })
  }

  /** Removes a job, whatever it does; false when there is none of that id. */
  remove(id: string): boolean {
    return this.jobs.delete(id)
  }

  /**
   * Writes a job as it is from now on, and tells of the transition. The caller holds the lock, under which it has checked
   * what may follow what.
   */
  record(job: JobRecord, from: JobState | null): void {
    this.jobs.set(job.id, job)
    if (transitions.hasSubscribers) transitions.publish({ machine: this.#machine, id: job.id, from, to: job.state })
  }

  /**
   * Keeps the number of jobs within a limit: when there are more, removes the oldest of those that have ended until half
   * as many are left, so that this is seldom necessary.
   */
  keepWithin(limit: number): void {
    this.jobs.lock.runSync(() => {
      if (this.jobs.size <= limit) return
      const ended = this.list().filter(({ state }) => hasEnded(state))
      const surplus = this.jobs.size - Math.ceil(limit / 2)
      for (const { id } of ended.slice(0, surplus)) this.remove(id)
    })
  }

  #begin({ id, dataset, seed, steps }: JobRequest, attempt: number): JobRecord {
    const fresh = {
      state: 'queued',
      progress: 0,
      result: null,
      error: null,
      createdMs: Date.now(),
      endedMs: null,
    } as const
    const job: JobRecord = { id, attempt, dataset, seed, steps, ...fresh }
    this.record(job, null)
    return job
  }

  #move(life: JobLife, to: JobState, fields: Partial<JobRecord>): boolean {
    return this.jobs.lock.runSync(() => {
      const job = this.#living(life)
      if (job === undefined) return false
      const next = job.state === to ? [] : jobTransitions[job.state]
      if (!next.includes(to)) return false
      this.record({ ...job, ...fields, state: to }, job.state)
      return true
    })
  }

  #living({ id, attempt }: JobLife): JobRecord | undefined {
    const job = this.jobs.get(id)
    return job?.attempt === attempt ? job : undefined
  }
}

export function hasEnded(state: JobState): boolean {
  return jobTransitions[state].length === 0
}
