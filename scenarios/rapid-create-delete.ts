import { check, scenario } from 'raceproof'
import { pipeline } from '../reference-impl/pipeline/target.ts'
import type { Plan } from '../reference-impl/pipeline/target-client.ts'
import { everyLine } from '../reference-impl/pipeline/target-expected-lines.ts'
import { planLife } from '../reference-impl/pipeline/target-plan-life.ts'
import { planMachine } from '../reference-impl/pipeline/target-plan-machine.ts'

/** The cleanup of one plan must not touch another, least of all the next plan of the same id. */
export default scenario('rapid-create-delete', {
  target: pipeline,
  source: 'thread-safety-analysis, issue 2 and "Scenario 1: Rapid Plan Creation/Deletion"',
  promise: 'However fast plans are deleted and created again under the same id, each watcher gets its own plan, whole.',
  async script({ crowd, random, unique }) {
    const owners = crowd.first(Math.ceil(crowd.size / 10))
    const watchers = crowd.rest(owners.size)
    const slow = watchers.first(owners.size)
    const fast = watchers.rest(owners.size)
    const ids = Array.from({ length: owners.size }, () => unique('plan'))
    const watched = (lives: Plan[], index: number) => lives[index % lives.length]!

    // Under most ids plans run until they are deleted, under the others they complete by themselves.
    const lasting = ids.map(() => random.chance(2 / 3))
    // Longer than all of this takes; real ones that nobody deletes any more must also come to their end.
    const manyLines = crowd.size > 10 ? 800 : 2_400
    const first = await owners.all((owner, index) =>
      owner.createPlan({ id: ids[index], ...(lasting[index] ? { command: ['sleep', '600'] } : { lines: 5 }) }),
    )
    const early = await crowd.all((each, index) => each.watch(watched(first, index)))

    // Each has a watcher that is slow to notice its end, so that its cleanup has to wait …
    await slow.all(async (_, index) => early[index]!.pause())
    const second = await owners.all(async (owner, index) => {
      await early[index]!.drop()
      await owner.deletePlan(first[index]!)
      return owner.createPlan({ id: ids[index], lines: lasting[index] ? manyLines : 6, rate: 40 })
    })

    // … until the id belongs to another plan, which others come to watch in this very moment.
    await slow.all(async (_, index) => early[index]!.resume())
    const late = await fast.all(async (each, index) => {
      await early[index]!.untilComplete()
      return each.watch(watched(second, index))
    })

    // It still runs when the last of the first plan's watchers leaves, however long that took.
    await slow.all((_, index) => early[index]!.untilComplete())
    await owners.all((owner, index) => owner.deletePlan(second[index]!))
    await fast.all((_, index) => late[index - 2 * owners.size]!.untilComplete())
  },
  checks: [
    check.delivery({ complete: everyLine(), lifetime: planLife }),
    check.lifecycle({ machines: { plan: planMachine } }),
    check.leftovers(),
    check.serverErrors(),
    check.progress(),
    check.identity(),
  ],
  scale: { sim: { clients: 3 }, live: { clients: 120, seconds: 8 } },
})
