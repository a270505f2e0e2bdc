import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { Plan } from '../reference-impl/pipeline/target-client.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'

/** How many plans live at a time, each with an owner and nine watchers. */
const plans = 12

/** The cleanup of one plan must not touch another, least of all the next plan of the same id. */
export default scenario('rapid-create-delete', {
  target: pipeline,
  source: 'thread-safety-analysis, issue 2 and "Scenario 1: Rapid Plan Creation/Deletion"',
  promise: 'However fast plans are deleted and created again under the same id, each watcher gets its own plan, whole.',
  async script({ crowd, unique }) {
    const owners = crowd.first(plans)
    const watchers = crowd.rest(plans)
    const ids = Array.from({ length: plans }, () => unique('plan'))
    const planOf = (lives: Plan[], index: number) => lives[index % plans]!

    // Some of the first plans would run for a minute, the others complete by themselves.
    const first = await owners.all((owner, index) =>
      owner.createPlan({ id: ids[index], ...(index % 3 ? { command: ['sleep', '60'] } : { lines: 5 }) }),
    )
    const early = await watchers.all((watcher, index) => watcher.watch(planOf(first, index)))

    // Each has a watcher that is slow to take notice of the end, so that the cleanup has to wait for it …
    const slow = early.slice(0, plans)
    for (const watcher of slow) watcher.pause()

    // … and by then the id belongs to another plan, which others are watching already.
    const second = await owners.all(async (owner, index) => {
      await owner.deletePlan(first[index]!)
      return owner.createPlan({ id: ids[index], lines: 60, rate: 40 })
    })
    const late = await watchers.rest(plans).all(async (watcher, index) => {
      await early[index - plans]!.untilComplete()
      return watcher.watch(planOf(second, index))
    })
    for (const watcher of slow) watcher.resume()
    await watchers.first(plans).all((_, index) => early[index - plans]!.untilComplete())

    await watchers.rest(plans).all((_, index) => late[index - 2 * plans]!.untilComplete())
    await owners.all((owner, index) => owner.deletePlan(second[index]!))
  },
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { live: { clients: 120, seconds: 8 } },
})
