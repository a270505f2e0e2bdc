import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Finding } from '../check/verdict.ts'
import { entry } from '../entry.ts'
import { type ErrorCode, HarnessError, messageOf } from '../errors.ts'
import type { Hold } from '../sim/strategy/holds.ts'
import { endThread } from './end-thread.ts'
import type { SubjectSpec } from './pool-messages.ts'
import type { Judged, Variant } from './subject.ts'
import type { TimeLine } from './told/time-line.ts'

/** A schedule that a thread of its own is to look at. */
export interface FailureTask {
  spec: SubjectSpec
  variant: Variant
  by: Found | Shown
}

/** A failure to be made small: the first of its findings, from the order in which it was found. */
export interface Found {
  choices: readonly string[]
  judged: Judged
}

/** A schedule to be shown again: under holds, or, where these do not bring it back, with all its events in their order. */
export interface Shown {
  holds: readonly Hold[]
  order?: readonly string[] | undefined
  /** The finding that is to be the first of all; whichever comes first when it is left out. */
  failure?: Finding
}

/** A schedule as it is told and saved. */
export interface SeenSchedule {
  variant: Variant
  holds: readonly Hold[]
  /** All events in their order, of a failure that no holds bring back, and that is as it was found; else null. */
  order: readonly string[] | null
  judged: Judged
  timeLine: TimeLine
  /** The key of each step's event. */
  played: readonly string[]
  traceHash: string
  digests: string[]
}

export type FailureNews =
  | { type: 'done'; seen: SeenSchedule | null }
  | { type: 'failed'; code: ErrorCode; message: string }

/**
 * Makes a failure small, or shows a schedule again, on a thread with `raceproof/register` loaded. A failure that cannot be
 * made small is shown as it was found. Null when it does not come back even so, or when the signal ends it first. The thread
 * is ended, whatever happens.
 */
export function lookAtFailure(task: FailureTask, signal?: AbortSignal): Promise<SeenSchedule | null> {
  if (signal?.aborted) return Promise.resolve(null)
  const worker = new Worker(entry('harness/explore/failure-worker'), {
    workerData: task,
    execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
    // What the code under test writes is no part of the harness' own output.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  const over = new AbortController()
  return new Promise<SeenSchedule | null>((resolve, reject) => {
    signal?.addEventListener('abort', () => resolve(null), { signal: over.signal })
    worker.once('message', (news: FailureNews) => {
      if (news.type === 'done') resolve(news.seen)
      else reject(new HarnessError(news.code, news.message))
    })
    worker.once('error', (error) => reject(died(messageOf(error))))
    worker.once('exit', (code) => reject(died(`it ended with code ${code}`)))
  }).finally(() => {
    over.abort()
    return endThread(worker)
  })
}

function died(how: string): HarnessError {
  return new HarnessError('ERR_INTERNAL', `the thread that looked at a failing schedule died: ${how}`)
}
