/**
 * The thread in which a failure is made small and told. Like those that found it, it is started with `raceproof/register`
 * loaded, so that the target and its packages, which it loads itself, find the simulation's builtins.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError } from '../../errors.ts'
import { fromMacrotask } from '../../explore/explore-subject.ts'
import { SchedulePlan } from '../../explore/schedule-plan.ts'
import { type SmallFailure, shrink } from '../../explore/shrink/shrink.ts'
import type { Subject } from '../../explore/subject.ts'
import { tellFailure } from '../../explore/told/tell-failure.ts'
import { timeLineOf } from '../../explore/told/time-line.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import type { FoundSchedule, TellingNews, TellingTask, Told } from './exploration-task.ts'
import { loadSubject } from './load-subject.ts'

async function tell(task: TellingTask): Promise<Told> {
  const subject = await loadSubject(task.spec)
  if (task.failure === null) return fromMacrotask(() => naturalSchedule(subject, task))
  const { seed, choices, judged } = task.failure
  if (judged.verdict !== 'invalid') return { seed, judged, holds: null, story: null }
  // A schedule may break several promises; what the scenario asks for first is what must stay broken.
  const first = { ...judged, findings: judged.findings.slice(0, 1) }
  const small = await fromMacrotask(() => shrink(subject, { variant: { seed }, choices, judged: first }))
  return small === null ? { seed, judged, holds: null, story: null } : toldOf(subject, small, task.failure, task)
}

/** When nothing is wrong, the natural schedule stands for all. */
function naturalSchedule(subject: Subject, { seed, strategy }: TellingTask): Told {
  const strategies = strategiesNamed(strategy) ?? []
  const run = new SchedulePlan(subject, { seed, strategies }).run(0)
  return { seed: run.seed, judged: run.judged, holds: null, story: null }
}

function toldOf(subject: Subject, small: SmallFailure, found: FoundSchedule, { schedules, replay }: TellingTask): Told {
  const { variant, judged, holds, result } = small
  const story = tellFailure({
    name: subject.name,
    schedule: { number: found.index + 1, of: schedules, strategy: found.strategy },
    findings: judged.findings,
    timeLine: timeLineOf(result, judged.history, holds),
    holds,
    seed: variant.seed,
    replay,
  })
  return { seed: variant.seed, judged, holds: holds.length, story }
}

function failure(error: unknown): TellingNews {
  if (error instanceof HarnessError) return { type: 'failed', code: error.code, message: error.message }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { type: 'failed', code: 'ERR_INTERNAL', message }
}

await tell(workerData as TellingTask).then(
  (told) => parentPort?.postMessage({ type: 'told', told } satisfies TellingNews),
  (error: unknown) => parentPort?.postMessage(failure(error)),
)
