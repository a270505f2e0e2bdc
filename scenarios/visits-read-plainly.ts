import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'

interface Shared {
  readonly lock: SharedArrayBuffer
  readonly visits: SharedArrayBuffer
}

const name = 'visits'

/** Two workers count visits in plain memory: the lock alone orders what they read and write there. */
export default threadScenario('visits-read-plainly', {
  target: state,
  source: 'thread-safe-state-management: stale reads, Atomics-based lock',
  promise: 'What is read under the lock is what was written under it, and the lock itself never looks without Atomics.',
  setup: ({ parts }): Shared => ({
    lock: new parts.ReentrantLock({ name, places: 4, lends: 0 }).buffer,
    visits: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'visit' },
    { module: import.meta.url, run: 'visit' },
  ],
  plainAccesses: true,
  checks: [
    check.linearizable({
      model: model<{ visit(input: null): number }, number>({
        name: 'visits',
        init: 0,
        apply: { visit: (n) => [n + 1, n + 1] },
      }),
    }),
    check.mutualExclusion(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function visit(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const lock = new parts.ReentrantLock({ name, buffer: shared.lock })
  const visits = new Int32Array(shared.visits)
  client.call('visit', null, () =>
    lock.runSync(() => {
      visits[0]!++
      return visits[0]
    }),
  )
}
