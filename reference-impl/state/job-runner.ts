import { resources } from 'raceproof/probe'
import { type Computation, compute, type JobResult, type JobSpec } from './job.ts'
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
  run(assignment: Assignment): JobResult | null {
    const turns = this.turns(assignment)
    for (;;) {
      const turn = turns.next()
      if (turn.done) return turn.value
    }
  }

  /** Runs a job turn by turn. No lock is held between two turns, so that anything may happen to the shared state there. */
  *turns({ spec, life }: Assignment): Generator<void, JobResult | null, void> {
    this.#state.services.setStatus(this.#name, true)
    try {
      yield
      return yield* life === null ? this.#compute(spec, () => true) : this.#runRecorded(spec, life, this.#tableOf(spec))
    } finally {
      this.#state.services.setStatus(this.#name, false)
    }
  }

  /** The computation of a job, in slices. */
  protected computation(spec: JobSpec): Computation {
    return compute(spec)
  }

  *#runRecorded(spec: JobSpec, life: JobLife, table: JobTable): Generator<void, JobResult | null, void> {
    if (!table.start(life)) return null
    const id = `${life.id}#${life.attempt}`
    this.#tell('open', id)
    try {
      yield
      const result = yield* this.#compute(spec, (progress) => table.advance(life, progress))
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
  *#compute(spec: JobSpec, goOn: (progress: number) => boolean): Generator<void, JobResult | null, void> {
    const computation = this.computation(spec)
    for (;;) {
      const slice = computation.next()
      if (slice.done) return slice.value
      if (!goOn(slice.value)) return null
      yield
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
