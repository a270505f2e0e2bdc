import type { Confirmation } from '../../record.ts'
import type { Executor } from '../../threads/one-schedule.ts'
import { follow } from '../../threads/strategy/follow.ts'
import { confirmOnWorkers, sameSteps, scheduleDifference, unlike } from '../../threads/workers/confirm.ts'
import { builtUrl, withBuiltImports } from '../../threads/workers/module-workers.ts'
import type { WorkerProgram } from '../../threads/workers/real-workers.ts'
import { LostWorker } from '../../threads/workers/worker-thread.ts'
import type { RecordNote } from './record-note.ts'
import type { ScenarioThread } from './scenario-worker.ts'
import type { EndedTrial, ThreadSubject, ThreadTrial } from './thread-subject.ts'

export interface ConfirmFailureOptions {
  readonly seed: number
  /** The URL of the scenario's module. */
  readonly module: string
}

/**
 * Runs a failing schedule on real workers, one for each thread: its choices, with the scenario and its target loaded in each
 * worker, and the defect applied there. It is confirmed when all operations, what they answered, the history and the findings
 * are the same; when a thread never came back, when its worker does not come back at the same place.
 */
export async function confirmThreadFailure(
  subject: ThreadSubject,
  failed: ThreadTrial,
  { seed, module }: ConfirmFailureOptions,
): Promise<Confirmation> {
  const again = (executor?: Executor) =>
    subject.inWorld(() => subject.trial(follow(failed.choices), { seed, ...(executor && { executor }) }))
  // Without the places of its steps, which findings name and workers cannot know.
  const fibers = failed.ran === null ? null : await again()
  return confirmOnWorkers(programOf(subject, module), {
    seed,
    patienceMs: subject.stuckMs,
    noted: (thread, note) => subject.noted(thread, note as RecordNote),
    rerun: again,
    difference: (workers) => (fibers === null ? stuckDifference(failed, workers) : differenceOf(fibers, workers)),
    same:
      fibers === null
        ? `took the same ${failed.choices.length} steps, and the same one did not come back`
        : sameSteps(fibers.ran),
  })
}

function programOf({ scenario, defect, rewritten, canBlock }: ThreadSubject, module: string): WorkerProgram {
  const codes = scenario.threads.map(
    (thread): ScenarioThread => ({
      scenario: rewritten === null ? builtUrl(module) : withBuiltImports(rewritten),
      module: builtUrl(String(thread.module)),
      run: thread.run,
      defect: defect?.name ?? null,
    }),
  )
  return { main: 'harness/run/threads/scenario-worker', codes, canBlock, plainAccesses: rewritten !== null }
}

function differenceOf(fibers: EndedTrial, workers: EndedTrial): string | null {
  const found = (trial: ThreadTrial) => trial.findings.map(({ check, message }) => `${check}: ${message}`)
  return (
    scheduleDifference(fibers.ran, workers.ran) ??
    historyDifference(fibers.history, workers.history) ??
    unlike('what was found', found(fibers), found(workers))
  )
}

/** The worker's part of the schedule ends where it is given up, so that all before that can be compared. */
function stuckDifference({ choices, history }: ThreadTrial, workers: EndedTrial): string | null {
  const { thrown } = workers.ran.result
  if (!(thrown instanceof LostWorker)) return 'they went another way, all of them came to an operation again'
  return (
    unlike('the thread that did not come back', choices.at(-1) ?? thrown.thread, thrown.thread) ??
    unlike('the steps', choices, workers.choices) ??
    historyDifference(history, workers.history.slice(0, history.length))
  )
}

function historyDifference(fibers: ThreadTrial['history'], workers: ThreadTrial['history']): string | null {
  const said = (events: ThreadTrial['history'], at: number) => JSON.stringify(events[at]) ?? 'none'
  for (let at = 0; at < Math.max(fibers.length, workers.length); at++) {
    const [here, there] = [said(fibers, at), said(workers, at)]
    if (here !== there) return `they went another way, event ${at + 1} was ${here}, and there it was ${there}`
  }
  return null
}
