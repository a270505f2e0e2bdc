import { CallFailed, check, model, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'
import { unlessRefused } from '../reference-impl/state/target-thread-calls.ts'
import { turn } from '../reference-impl/state/turn.ts'
import type { ReentrantLock } from '../reference-impl/sync/reentrant-lock.ts'

interface Shared {
  readonly lock: SharedArrayBuffer
  readonly visits: SharedArrayBuffer
}

const name = 'visits'

/** Two tasks of one event loop and a worker thread count visits; the tasks await in the middle, and one of them fails first. */
export default threadScenario('lock-of-two-tasks', {
  target: state,
  source: 'thread-safe-state-management: why RLock; race-condition-bug-fix: AsyncThreadLock, no event-loop blocking',
  promise:
    'The owner of a lock is the task, not its thread; it may enter again, and it lets go however its section ends.',
  setup: ({ parts }): Shared => ({
    lock: new parts.ReentrantLock({ name, places: 4, lends: 0 }).buffer,
    visits: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'serve' },
    { module: import.meta.url, run: 'work' },
  ],
  checks: [
    check.linearizable({
      model: model<{ visit(input: null): number; refuse(input: null): null }, number>({
        name: 'visits',
        init: 0,
        apply: { visit: (n) => [n + 1, n + 1], refuse: (n) => [null, n] },
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
  await Promise.all([visitAsync(lock, visits, client.task('a')), failAndVisit(lock, visits, client.task('b'))])
}

async function failAndVisit(lock: ReentrantLock, visits: Int32Array, client: ThreadClient): Promise<void> {
  await client.call('refuse', null, () => lock.run(refuse)).catch(unlessRefused)
  await visitAsync(lock, visits, client)
}

function visitAsync(lock: ReentrantLock, visits: Int32Array, client: ThreadClient): Promise<number> {
  return client.call('visit', null, () =>
    lock.run(async () => {
      const before = await lock.run(() => Atomics.load(visits, 0))
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

function refuse(): never {
  throw new CallFailed('refused on purpose')
}
