import type { ErrorCode } from '../errors.ts'
import type { Outcome } from './exploration.ts'
import type { Variant } from './subject.ts'

/** A subject that another thread can load: the URL of a module, and what its export `loadSubject` is called with. */
export interface SubjectSpec {
  module: string
  input: unknown
}

/** What a worker is started with. */
export interface WorkerTask {
  spec: SubjectSpec
  seed: number
  /** A name of {@link strategiesNamed}. */
  strategy: string
  variant: Omit<Variant, 'seed'>
}

/** To a worker: run the schedules from one index up to another, which is not run. */
export interface Batch {
  from: number
  to: number
}

/** From a worker. */
export type WorkerNews =
  | { type: 'begins'; index: number; seed: number }
  | { type: 'outcome'; outcome: Outcome }
  /** The batch is done; the heap holds so much now. */
  | { type: 'idle'; heapMiB: number }
  | { type: 'failed'; code: ErrorCode; message: string }
