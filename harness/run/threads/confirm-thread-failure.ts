import type { Confirmation } from '../../record.ts'
import { follow } from '../../threads/strategy/follow.ts'
import { confirmOnWorkers, notConfirmed, scheduleDifference, unlike } from '../../threads/workers/confirm.ts'
import { builtUrl, withBuiltImports } from '../../threads/workers/module-workers.ts'
import type { WorkerProgram } from '../../threads/workers/real-workers.ts'
import type { RecordNote } from './record-note.ts'
import type { ScenarioThread } from './scenario-worker.ts'
import type { ThreadSubject, ThreadTrial } from './thread-subject.ts'

export interface ConfirmFailureOptions {
  readonly seed: number
  /** The URL of the scenario's module. */
  readonly module: string
}

/**
 * Runs a failing schedule on real workers, one for each thread: its choices, with the scenario and its target loaded in each
 * worker, and the defect applied there. It is confirmed when all operations, what they answered, the history and the findings
 * are the same.
 */
export async function confirmThreadFailure(
  subject: ThreadSubject,
  failed: ThreadTrial,
  { seed, module }: ConfirmFailureOptions,
): Promise<Confirmation> {
  if (failed.ran === null) return notConfirmed('a schedule that never ends cannot be compared')
  // Without the places of its steps, which findings name and workers cannot know.
  const fibers = await subject.inWorld(() => subject.trial(follow(failed.choices), { seed }))
  return confirmOnWorkers(programOf(subject, module), {
    seed,
    noted: (thread, note) => subject.noted(thread, note as RecordNote),
    rerun: (executor) => subject.inWorld(() => subject.trial(follow(failed.choices), { seed, executor })),
    difference: (workers) => differenceOf(fibers, workers),
    steps: failed.ran.performed.length,
  })
}

function programOf({ scenario, defect, rewritten }: ThreadSubject, module: string): WorkerProgram {
  const codes = scenario.threads.map(
    (thread): ScenarioThread => ({
      scenario: rewritten === null ? builtUrl(module) : withBuiltImports(rewritten),
      module: builtUrl(String(thread.module)),
      run: thread.run,
      defect: defect?.name ?? null,
    }),
  )
  return { main: 'harness/run/threads/scenario-worker', codes, plainAccesses: rewritten !== null }
}

function differenceOf(fibers: ThreadTrial, workers: ThreadTrial): string | null {
  if (fibers.ran === null || workers.ran === null) return 'a schedule that never ends cannot be compared'
  const found = (trial: ThreadTrial) => trial.findings.map(({ check, message }) => `${check}: ${message}`)
  return (
    scheduleDifference(fibers.ran, workers.ran) ??
    historyDifference(fibers, workers) ??
    unlike('what was found', found(fibers), found(workers))
  )
}

function historyDifference({ history }: ThreadTrial, workers: ThreadTrial): string | null {
  const length = Math.max(history.length, workers.history.length)
  const said = (events: ThreadTrial['history'], at: number) => JSON.stringify(events[at]) ?? 'none'
  for (let at = 0; at < length; at++) {
    const [here, there] = [said(history, at), said(workers.history, at)]
    if (here !== there) return `they went another way, event ${at + 1} was ${here}, and there it was ${there}`
  }
  return null
}
