import type { ErrorCode } from '../errors.ts'
import type { Outcome } from './exploration.ts'
import type { Variant } from './subject.ts'

/** A subject that another thread can load: the URL of a module, and what its export `loadSubject` is called with. */
export interface SubjectSpec {
  module: string
  input: unknown
}

/** What a worker is started with. */
export interface WorkerStart {
  /** Counts the steps of the thread's schedules, so that others can see that it is not stuck. */
  beat: Int32Array
}

/** To a worker: what the batches are of that come next. */
export interface WorkerTask {
  spec: SubjectSpec
  seed: number
  /** A name of {@link explorerOf}. */
  strategy: string
  variant: Omit<Variant, 'seed'>
}

/** To a worker: run the schedules from one index up to another, which is not run. */
export interface Batch {
  from: number
  to: number
}

export type WorkerOrder = WorkerTask | Batch

/** A schedule by its name, so that it can be told of when it never comes back. */
export interface ScheduleName {
  index: number
  seed: number
  strategy: string
}

/** From a worker. */
export type WorkerNews =
  | { type: 'begins'; schedule: ScheduleName }
  /** Null for a schedule that does not count. */
  | { type: 'ended'; index: number; outcome: Outcome | null }
  /** The batch is done: how much the heap holds now, and how it stands with all orders, see {@link Explorer}. */
  | { type: 'idle'; heapMiB: number; hasMore: boolean; exhausted: boolean | null }
  /** The index of the schedule in which it failed; null when the subject cannot even be loaded. */
  | { type: 'failed'; index: number | null; code: ErrorCode; message: string }
