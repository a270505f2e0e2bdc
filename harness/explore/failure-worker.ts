/** A thread that shrinks one failure, or shows it again. It is started with `raceproof/register` loaded. */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError, messageOf } from '../errors.ts'
import { fromMacrotask } from './explore-subject.ts'
import type { FailureNews, FailureTask, SmallFailure } from './failure-task.ts'
import { digestsOf } from './repro/digests.ts'
import { type Attempt, Attempts } from './shrink/attempt.ts'
import { shrink } from './shrink/shrink.ts'
import type { Subject } from './subject.ts'
import { timeLineOf } from './told/time-line.ts'

const { spec, variant, by } = workerData as FailureTask

async function look(): Promise<SmallFailure | null> {
  const { loadSubject } = (await import(spec.module)) as { loadSubject(input: unknown): Promise<Subject> }
  const subject = await loadSubject(spec.input)
  return fromMacrotask(() => ('holds' in by ? repeated(subject, by.holds) : shrunk(subject, by)))
}

function shrunk(subject: Subject, { shrinking, judged }: Extract<typeof by, { judged: unknown }>): SmallFailure | null {
  const small = shrink(subject, { variant, choices: shrinking, judged })
  return small && told(small, small.runs)
}

function repeated(subject: Subject, holds: Attempt['holds']): SmallFailure {
  return told(new Attempts(subject, 'any', 1).run(variant, holds), 1)
}

function told({ variant, holds, judged, result }: Attempt, runs: number): SmallFailure {
  const timeLine = timeLineOf(result, judged.history, holds)
  return { variant, holds, judged, timeLine, traceHash: result.hash, digests: digestsOf(result.trace), runs }
}

const tell = (news: FailureNews) => parentPort?.postMessage(news)

await look().then(
  (failure) => tell({ type: 'done', failure }),
  (thrown: unknown) => {
    const code = thrown instanceof HarnessError ? thrown.code : 'ERR_INTERNAL'
    tell({
      type: 'failed',
      code,
      message: thrown instanceof Error && code === 'ERR_INTERNAL' ? (thrown.stack ?? '') : messageOf(thrown),
    })
  },
)
