/** A thread that makes one failure small, or shows it again. It is started with `raceproof/register` loaded. */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError, messageOf } from '../errors.ts'
import type { Hold } from '../sim/strategy/holds.ts'
import { stop } from './end-thread.ts'
import { fromMacrotask } from './explore-subject.ts'
import type { FailureNews, FailureTask, SeenSchedule } from './failure-task.ts'
import { digestsOf } from './repro/digests.ts'
import { type Attempt, Attempts } from './shrink/attempt.ts'
import { type FoundFailure, shrink } from './shrink/shrink.ts'
import type { Subject } from './subject.ts'
import { closerLook } from './told/closer-look.ts'
import { timeLineOf } from './told/time-line.ts'

const { spec, variant, by } = workerData as FailureTask

async function look(): Promise<SeenSchedule | null> {
  const { loadSubject } = (await import(spec.module)) as { loadSubject(input: unknown): Promise<Subject> }
  const subject = await loadSubject(spec.input)
  return fromMacrotask(() => ('holds' in by ? repeated(subject, by.holds) : shrunk(subject, by)))
}

function shrunk(subject: Subject, found: Omit<FoundFailure, 'variant'>): SeenSchedule | null {
  const small = shrink(subject, { variant, ...found })
  return small && seen(subject, small, small.holds, small.runs)
}

/** All holds are told, also those that change nothing any more. */
function repeated(subject: Subject, holds: readonly Hold[]): SeenSchedule {
  return seen(subject, new Attempts(subject, 'any').run(variant, holds), holds, 1)
}

function seen(subject: Subject, attempt: Attempt, holds: SeenSchedule['holds'], runs: number): SeenSchedule {
  const { judged, result } = closerLook(new Attempts(subject, 'any'), attempt)
  return {
    variant: attempt.variant,
    holds: holds.map(({ event, until }) => ({ event, until })),
    judged,
    played: result.choices,
    timeLine: timeLineOf(result, judged, attempt.holds),
    traceHash: result.hash,
    digests: digestsOf(result.trace),
    runs,
  }
}

const tell = (news: FailureNews) => parentPort?.postMessage(news)

parentPort?.on('message', (message: typeof stop) => {
  if (message === stop) process.exit()
})

await look().then(
  (schedule) => tell({ type: 'done', seen: schedule }),
  (thrown: unknown) => {
    const code = thrown instanceof HarnessError ? thrown.code : 'ERR_INTERNAL'
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    tell({ type: 'failed', code, message: code === 'ERR_INTERNAL' ? stack : messageOf(thrown) })
  },
)
