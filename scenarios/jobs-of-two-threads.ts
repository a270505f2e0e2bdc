import { check, model, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { JobTable } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import type { SharedDict } from '../reference-impl/state/thread-safe-dict.ts'

interface Shared {
  /** The memory as the thread that made the table uses it. */
  readonly own: SharedDict
  /** The memory as it is handed to worker threads. */
  readonly shared: SharedDict
  /** How often anybody has looked at the jobs. */
  readonly looks: SharedArrayBuffer
}

interface Jobs {
  add(id: string): string
  /** The state of the job then; null where there is none. */
  start(id: string): string | null
  look(id: string): string | null
}

const jobs = model<Jobs, string | null>({
  name: 'jobs',
  init: null,
  partition: (id: string) => id,
  apply: {
    add: () => ['queued', 'queued'],
    start: (job) => (job === 'queued' ? ['running', 'running'] : [job, job]),
    look: (job) => [job, job],
  },
})

const name = 'simulations'
const life = { id: 'flap', attempt: 1 } as const

/** The thread that serves requests adds a simulation and looks at it, a worker thread takes it up. */
export default threadScenario('jobs-of-two-threads', {
  target: state,
  source:
    'race-condition-bug-fix: problem identified (two locks for the same data), solution (one lock); thread-safe-state-management: singleton pattern',
  promise: 'All threads see the same jobs, and one lock guards them, whichever thread takes it.',
  setup({ parts }): Shared {
    const lock = new parts.ReentrantLock({ name, places: 4, lends: 1 })
    const table = new parts.JobTable('simulation', { name, lock, capacityBytes: 1024 })
    const shared = table.share()
    const looks = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    return { own: { ...shared, lock: lock.buffer }, shared, looks }
  },
  threads: [
    { module: import.meta.url, run: 'serve' },
    { module: import.meta.url, run: 'work' },
  ],
  final({ own }, { parts, client }) {
    client.call('look', life.id, () => stateOf(tableOver(own, parts).table))
  },
  checks: [
    check.linearizable({ model: jobs }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 3_000 },
})

export function serve({ own, looks }: Shared, { parts, client }: ThreadContext<Components>): void {
  const { lock, table } = tableOver(own, parts)
  client.call('add', life.id, () => {
    const request = { id: life.id, dataset: null, seed: 1, steps: 1 }
    return lock.runSync(() => table.add(request)?.state)
  })
  client.call('look', life.id, () => lock.runSync(() => counted(looks, () => stateOf(table))))
}

export function work({ shared, looks }: Shared, { parts, client }: ThreadContext<Components>): void {
  const { lock, table } = tableOver(shared, parts)
  client.call('start', life.id, () =>
    lock.runSync(() =>
      counted(looks, () => {
        table.start(life)
        return stateOf(table)
      }),
    ),
  )
}

/** Looks, and counts the look in the same step. */
function counted<T>(looks: SharedArrayBuffer, look: () => T): T {
  Atomics.add(new Int32Array(looks), 0, 1)
  return look()
}

function stateOf(table: JobTable): string | null {
  return table.get(life.id)?.state ?? null
}

function tableOver(shared: SharedDict, { ReentrantLock, JobTable }: Components) {
  const lock = new ReentrantLock({ name, buffer: shared.lock })
  return { lock, table: new JobTable('simulation', { name, shared, lock }) }
}
