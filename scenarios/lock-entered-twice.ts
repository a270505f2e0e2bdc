import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'

interface Shared {
  readonly lock: SharedArrayBuffer
  readonly visits: SharedArrayBuffer
}

const name = 'visits'

/** Two workers count visits: the method that counts takes the lock, and so does the one that it calls. */
export default threadScenario('lock-entered-twice', {
  target: state,
  source: 'thread-safe-state-management: why RLock, Atomics-based lock; race-condition-bug-fix: AsyncThreadLock',
  promise: 'Who holds the lock may take it again, everybody else waits until the outermost holding has ended.',
  setup: ({ parts }): Shared => ({
    lock: new parts.ReentrantLock({ name, places: 4, lends: 1 }).buffer,
    visits: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'visit' },
    { module: import.meta.url, run: 'visit' },
  ],
  checks: [
    check.linearizable({
      model: model<{ visit(): number }, number>({ name: 'visits', init: 0, apply: { visit: (n) => [n + 1, n + 1] } }),
    }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function visit({ lock: buffer, visits }: Shared, { parts, client }: ThreadContext<Components>): void {
  const lock = new parts.ReentrantLock({ name, buffer })
  const words = new Int32Array(visits)
  client.call('visit', null, () =>
    lock.runSync(() => {
      const before = Atomics.load(words, 0)
      lock.runSync(() => Atomics.load(words, 0))
      Atomics.store(words, 0, before + 1)
      return before + 1
    }),
  )
}
