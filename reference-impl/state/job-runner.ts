import { resources } from 'raceproof/probe'
import { compute, type JobResult, type JobSpec } from './job.ts'
import type { JobEnd, JobLife, JobTable } from './job-table.ts'
import type { SharedState } from './shared-state.ts'

/** One job for a worker thread. A dataset has no record of its own; the others have one, which the worker keeps. */
export interface Assignment {
  spec: JobSpec
  life: JobLife | null
}

/** Runs jobs in the calling thread, and keeps the shared state up to date meanwhile. */
export class JobRunner {
  readonly #name: string
  readonly #state: SharedState

  /** `name` is the runner's service, which is seen to run while a job does. */
  constructor(name: string, state: SharedState) {
    this.#name = name
    this.#state = state
  }

  /** Runs a job to its end, blocking the thread. Returns what it computed; null when it was stopped. */
  run({ spec, life }: Assignment): JobResult | null {
    this.#state.services.setStatus(this.#name, true)
    try {
      return life === null ? this.#compute(spec, () => true) : this.#runRecorded(spec, life, this.#tableOf(spec))
    } finally {
      this.#state.services.setStatus(this.#name, false)
    }
  }

  #runRecorded(spec: JobSpec, life: JobLife, table: JobTable): JobResult | null {
    if (!table.start(life)) return null
    const id = `${life.id}#${life.attempt}`
    this.#tell('open', id)
    try {
      const result = this.#compute(spec, (progress) => table.advance(life, progress))
      table.end(life, result === null ? { state: 'stopped' } : { state: 'completed', result: result.json })
      return result
    } catch (thrown) {
      table.end(life, failure(thrown))
      return null
    } finally {
      this.#tell('close', id)
    }
  }

  /** Computes slice by slice; null when `goOn` says between two of them that the job is to stop. */
  #compute(spec: JobSpec, goOn: (progress: number) => boolean): JobResult | null {
    const computation = compute(spec)
    for (;;) {
      const slice = computation.next()
      if (slice.done) return slice.value
      if (!goOn(slice.value)) return null
    }
  }

  #tableOf({ kind }: JobSpec): JobTable {
    return kind === 'simulation' ? this.#state.simulations : this.#state.analyses
  }

  #tell(event: 'open' | 'close', id: string): void {
    if (resources.hasSubscribers) resources.publish({ event, resource: 'job', id })
  }
}

function failure(thrown: unknown): JobEnd {
  return { state: 'failed', error: thrown instanceof Error ? thrown.message : String(thrown) }
}
