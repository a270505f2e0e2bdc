import type { JobResult } from './job.ts'
import type { Assignment } from './job-runner.ts'
import type { Published } from './probe-batch.ts'
import type { SharedStateMemory } from './shared-state.ts'

/** A module whose `threadParts(name)` makes the parts that a worker thread is to work with. */
export interface ThreadPartsSource {
  module: string
  name: string
}

/** What a worker thread is started with. */
export interface WorkerStart {
  name: string
  memory: SharedStateMemory
  /** Somebody listens to the probes. */
  relay: boolean
  /** Null: the usual ones. */
  parts: ThreadPartsSource | null
}

/** From the main thread: a job, or the request to end. */
export type ToWorker = { type: 'job'; assignment: Assignment } | { type: 'end' }

/** From a worker: that it is ready, the end of its job, or what it published. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'done'; result: JobResult | null }
  | { type: 'failed'; message: string }
  | { type: 'probes'; published: Published[] }
