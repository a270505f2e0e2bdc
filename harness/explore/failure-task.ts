import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { entry } from '../entry.ts'
import { type ErrorCode, HarnessError, messageOf } from '../errors.ts'
import type { Hold } from '../sim/strategy/holds.ts'
import type { SubjectSpec } from './pool-messages.ts'
import type { Judged, Variant } from './subject.ts'
import type { TimeLine } from './told/time-line.ts'

/** A failure that a thread of its own is to look at. */
export interface FailureTask {
  spec: SubjectSpec
  variant: Variant
  /** Make it small, from the order in which it was found; or show it again under holds. */
  by: { shrinking: readonly string[]; judged: Judged } | { holds: readonly Hold[] }
}

/** A failure as it is told and saved. */
export interface SmallFailure {
  variant: Variant
  holds: readonly Hold[]
  judged: Judged
  timeLine: TimeLine
  traceHash: string
  digests: string[]
  /** How many schedules were run to make it small. */
  runs: number
}

export type FailureNews =
  | { type: 'done'; failure: SmallFailure | null }
  | { type: 'failed'; code: ErrorCode; message: string }

/**
 * Shrinks or repeats a failure on a thread with `raceproof/register` loaded. Null when a failure that was to be shrunk
 * does not come back. The thread is ended, whatever happens.
 */
export function lookAtFailure(task: FailureTask, signal?: AbortSignal): Promise<SmallFailure | null> {
  const worker = new Worker(entry('harness/explore/failure-worker'), {
    workerData: task,
    execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise<SmallFailure | null>((resolve, reject) => {
    const giveUp = () => resolve(null)
    if (signal?.aborted) giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    worker.once('message', (news: FailureNews) => {
      if (news.type === 'done') resolve(news.failure)
      else reject(new HarnessError(news.code, news.message))
    })
    worker.once('error', (error) => reject(new HarnessError('ERR_INTERNAL', messageOf(error))))
    worker.once('exit', (code) => reject(new HarnessError('ERR_INTERNAL', `the thread ended with code ${code}`)))
  }).finally(() => worker.terminate())
}
