import * as fc from 'fast-check'
import { exploreWith } from '../../../harness/explore/explore-subject.ts'
import { explorerOf } from '../../../harness/explore/explorer.ts'
import { functionSubject } from '../../../harness/explore/function-subject.ts'
import type { Subject } from '../../../harness/explore/subject.ts'
import { active } from '../../../harness/sim/active.ts'
import type { BugModel, Step } from './bug-models.ts'

/** Runs a model under fast-check's scheduler; resolves to the number of the run that failed, or null. */
export async function byFastCheck({ run }: BugModel, seed: number, runs: number): Promise<number | null> {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const step: Step = (what) => scheduler.schedule(Promise.resolve(), what)
    const done = run(step)
    // It is looked at below; until then it is nobody's.
    done.catch(() => {})
    await scheduler.waitAll()
    await done
  })
  const { failed, numRuns } = await fc.check(property, { seed, numRuns: runs, endOnFailure: true })
  return failed ? numRuns : null
}

/** Runs a model in simulated schedules; resolves to the number of the schedule that failed, or null. */
export async function byStrategy(
  model: BugModel,
  strategy: string,
  seed: number,
  runs: number,
): Promise<number | null> {
  const explorer = explorerOf(modelSubject(model), { seed, strategy })
  const { verdict, schedules } = await exploreWith(explorer, { schedules: runs })
  return verdict === 'invalid' ? schedules : null
}

/** A model whose steps are events of the simulation. */
export function modelSubject({ name, run }: BugModel): Subject {
  const step: Step = (what) =>
    new Promise((resolve) => {
      active.current?.pushJob('step', what, resolve)
    })
  return functionSubject(() => run(step), { name, leftovers: false })
}
