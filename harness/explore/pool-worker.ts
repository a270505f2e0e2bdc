/**
 * A thread that runs schedules. It is started with `raceproof/register` loaded, so that the subject and its packages, which
 * it loads itself, find the simulation's builtins.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError, messageOf } from '../errors.ts'
import { strategiesNamed } from '../sim/strategy/strategies.ts'
import { fromMacrotask, runAt } from './explore-subject.ts'
import type { Batch, WorkerNews, WorkerTask } from './pool-messages.ts'
import { SchedulePlan } from './schedule-plan.ts'
import type { Subject } from './subject.ts'

const { spec, seed, strategy, variant } = workerData as WorkerTask
const tell = (news: WorkerNews) => parentPort?.postMessage(news)

async function prepare(): Promise<SchedulePlan> {
  const { loadSubject } = (await import(spec.module)) as { loadSubject(input: unknown): Promise<Subject> }
  const strategies = strategiesNamed(strategy)
  if (strategies === undefined) throw new HarnessError('ERR_UNKNOWN_NAME', `there is no strategy '${strategy}'`)
  return new SchedulePlan(await loadSubject(spec.input), { seed, strategies, variant })
}

async function runBatch(plan: SchedulePlan, { from, to }: Batch): Promise<void> {
  for (let index = from; index < to; index++) {
    tell({ type: 'begins', index, seed: plan.seedOf(index) })
    tell({ type: 'outcome', outcome: await fromMacrotask(() => runAt(plan, index)) })
  }
  tell({ type: 'idle', heapMiB: process.memoryUsage().heapUsed / 2 ** 20 })
}

function tellFailure(thrown: unknown): void {
  const code = thrown instanceof HarnessError ? thrown.code : 'ERR_INTERNAL'
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  tell({ type: 'failed', code, message: code === 'ERR_INTERNAL' ? stack : messageOf(thrown) })
}

const plan = prepare()
plan.catch(tellFailure)
parentPort?.on('message', (batch: Batch) => {
  plan.then((ready) => runBatch(ready, batch)).catch(tellFailure)
})
