/**
 * The thread in which schedules run. It is started with `raceproof/register` loaded, so that the target and its packages,
 * which it loads itself, find the simulation's builtins.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError } from '../../errors.ts'
import { exploreSubject, fromMacrotask } from '../../explore/explore-subject.ts'
import { SchedulePlan } from '../../explore/schedule-plan.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import type { ExplorationNews, ExplorationTask, Explored } from './exploration-task.ts'
import { loadSubject } from './load-subject.ts'

async function explore({ spec, strategy, seed, schedules }: ExplorationTask): Promise<Explored> {
  const subject = await loadSubject(spec)
  const strategies = strategiesNamed(strategy) ?? []
  const progress = (done: number) => tell({ type: 'progress', schedules: done })
  const exploration = await exploreSubject(subject, { seed, schedules, strategies, progress })
  const told = exploration.told?.told?.judged
  // When nothing is wrong, the natural schedule stands for all.
  const judged = told ?? (await fromMacrotask(() => new SchedulePlan(subject, { seed, strategies }).run(0))).judged
  return { exploration, judged }
}

function tell(news: ExplorationNews): void {
  parentPort?.postMessage(news)
}

function failure(error: unknown): ExplorationNews {
  if (error instanceof HarnessError) return { type: 'failed', code: error.code, message: error.message }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { type: 'failed', code: 'ERR_INTERNAL', message }
}

await explore(workerData as ExplorationTask).then(
  (explored) => tell({ type: 'done', explored }),
  (error: unknown) => tell(failure(error)),
)
