import { check, model, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'
import { turn } from '../reference-impl/state/turn.ts'
import type { ReentrantLock } from '../reference-impl/sync/reentrant-lock.ts'

interface Shared {
  readonly lock: SharedArrayBuffer
  readonly visits: SharedArrayBuffer
}

const name = 'visits'

/** A section begins two tasks that enter it again, one after the other, and ends without waiting for them. */
export default threadScenario('tasks-left-behind', {
  target: state,
  source: 'thread-safe-state-management: why RLock; race-condition-bug-fix: AsyncThreadLock',
  promise: 'A task that outlives the section in which it began has to take the lock like everybody else.',
  setup: ({ parts }): Shared => ({
    lock: new parts.ReentrantLock({ name, places: 4, lends: 0 }).buffer,
    visits: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'serve', canBlock: false },
    { module: import.meta.url, run: 'work' },
  ],
  checks: [
    check.linearizable({
      model: model<{ visit(input: null): number }, number>({
        name: 'visits',
        init: 0,
        apply: { visit: (n) => [n + 1, n + 1] },
      }),
    }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 300 },
})

export async function serve(shared: Shared, { parts, client }: ThreadContext<Components>): Promise<void> {
  const lock = new parts.ReentrantLock({ name, buffer: shared.lock })
  const visits = new Int32Array(shared.visits)
  const begun = await lock.run(() => ({
    tasks: ['a', 'b'].map((task) => visitSlowly(lock, visits, client.task(task))),
  }))
  await Promise.all(begun.tasks)
}

function visitSlowly(lock: ReentrantLock, visits: Int32Array, client: ThreadClient): Promise<number> {
  return client.call('visit', null, () =>
    lock.run(async () => {
      const before = Atomics.load(visits, 0)
      await turn()
      Atomics.store(visits, 0, before + 1)
      return before + 1
    }),
  )
}

export function work(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const lock = new parts.ReentrantLock({ name, buffer: shared.lock })
  const visits = new Int32Array(shared.visits)
  client.call('visit', null, () => lock.runSync(() => Atomics.add(visits, 0, 1) + 1))
}
