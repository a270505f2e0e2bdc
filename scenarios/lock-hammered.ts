import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'

interface Shared {
  readonly lock: SharedArrayBuffer
  readonly progress: SharedArrayBuffer
}

const name = 'progress'

/** How often the turn of a waiter that is asleep may be lent, and how often the other worker takes the lock. */
const lends = 1
const reports = 3

/** A worker reports its progress again and again, while another thread waits to look at it. */
export default threadScenario('lock-hammered', {
  target: state,
  source: 'mcp-thread-safety-insights: model 1 (fair), C-2',
  promise: 'Who waits for the lock gets it, however often a worker that is awake takes it meanwhile.',
  setup: ({ parts }): Shared => ({
    lock: new parts.ReentrantLock({ name, places: 4, lends }).buffer,
    progress: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'look' },
    { module: import.meta.url, run: 'hammer' },
  ],
  checks: [
    check.linearizable({
      model: model<{ report(input: null): number; look(input: null): number }, number>({
        name: 'progress',
        init: 0,
        apply: { report: (n) => [n + 1, n + 1], look: (n) => [n, n] },
      }),
    }),
    check.bounds({ overtaken: lends }),
    check.mutualExclusion(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
})

export function look(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const lock = new parts.ReentrantLock({ name, buffer: shared.lock })
  const progress = new Int32Array(shared.progress)
  client.call('look', null, () => lock.runSync(() => Atomics.load(progress, 0)))
}

export function hammer(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const lock = new parts.ReentrantLock({ name, buffer: shared.lock })
  const progress = new Int32Array(shared.progress)
  for (let report = 0; report < reports; report++) {
    client.call('report', null, () => lock.runSync(() => Atomics.add(progress, 0, 1) + 1))
  }
}
