/** A thread that makes one failure small, or shows it again. It is started with `raceproof/register` loaded. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Finding } from '../check/verdict.ts'
import { HarnessError, messageOf } from '../errors.ts'
import type { Hold } from '../sim/strategy/holds.ts'
import { stop } from './end-thread.ts'
import { fromMacrotask } from './explore-subject.ts'
import type { FailureNews, FailureTask, Found, SeenSchedule, Shown } from './failure-task.ts'
import { digestsOf } from './repro/digests.ts'
import { type Attempt, Attempts } from './shrink/attempt.ts'
import { shrink } from './shrink/shrink.ts'
import type { Subject } from './subject.ts'
import { closerLook } from './told/closer-look.ts'
import { timeLineOf } from './told/time-line.ts'

const { spec, variant, by } = workerData as FailureTask

async function look(): Promise<SeenSchedule | null> {
  const { loadSubject } = (await import(spec.module)) as { loadSubject(input: unknown): Promise<Subject> }
  const subject = await loadSubject(spec.input)
  return fromMacrotask(() => ('judged' in by ? shrunk(subject, by) : shown(subject, by)))
}

function shrunk(subject: Subject, found: Found): SeenSchedule | null {
  const [failure] = found.judged.findings
  const small = shrink(subject, { variant, ...found })
  if (small !== null) return seen(subject, small, small.holds, failure)
  const attempts = new Attempts(subject, failure ?? 'any')
  const asFound = attempts.inOrder(variant, found.choices)
  return attempts.isSame(asFound.judged) ? { ...seenAs(asFound, []), order: found.choices } : null
}

/** All holds are told, also those that change nothing any more. */
function shown(subject: Subject, { holds, order, failure }: Shown): SeenSchedule {
  const attempts = new Attempts(subject, failure ?? 'any')
  if (order !== undefined) return { ...seenAs(attempts.inOrder(variant, order), []), order }
  return seen(subject, attempts.run(variant, holds), holds, failure)
}

function seen(subject: Subject, attempt: Attempt, holds: readonly Hold[], failure: Finding | undefined): SeenSchedule {
  return seenAs(closerLook(new Attempts(subject, failure ?? 'any'), attempt), holds)
}

function seenAs({ variant, holds: effective, judged, result }: Attempt, holds: readonly Hold[]): SeenSchedule {
  return {
    variant,
    holds: holds.map(({ event, until }) => ({ event, until })),
    order: null,
    judged,
    played: result.choices,
    timeLine: timeLineOf(result, judged, effective),
    traceHash: result.hash,
    digests: digestsOf(result.trace),
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
