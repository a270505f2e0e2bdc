import type { ThreadContext } from 'raceproof'
import type { Components } from './components.ts'
import type { JobRegistry, JobRegistryOptions } from './job-registry.ts'
import type { JobRecord, JobTable } from './job-table.ts'
import type { SharedDict } from './thread-safe-dict.ts'

/** The simulations that an event loop and a worker thread share in a scenario of threads. */
export interface SharedSimulations {
  readonly jobs: SharedDict
  readonly permits: SharedArrayBuffer
}

const name = 'simulations'

/** None yet, of which so many may run at once. */
export function noSimulations(
  { ReentrantLock, JobTable, SharedSemaphore }: Components,
  permits: number,
): SharedSimulations {
  const lock = new ReentrantLock({ name, places: 4, lends: 0 })
  const jobs = new JobTable('simulation', { name, lock, capacityBytes: 2048 }).share()
  return { jobs, permits: new SharedSemaphore({ name, permits, places: 4, lends: 0 }).buffer }
}

/** The table as one thread has it. */
export function tableOver({ jobs }: SharedSimulations, { ReentrantLock, JobTable }: Components): JobTable {
  return new JobTable('simulation', { name, shared: jobs, lock: new ReentrantLock({ name, buffer: jobs.lock }) })
}

/** What an event loop starts and stops them with. */
export function registryOver(
  shared: SharedSimulations,
  parts: Components,
  pool: JobRegistryOptions['pool'],
): JobRegistry {
  const table = tableOver(shared, parts)
  const permits = new parts.SharedSemaphore({ name, buffer: shared.permits })
  const specOf = async ({ seed, steps }: JobRecord) =>
    ({ kind: 'simulation', seed, steps, sliceOperations: 1 }) as const
  return new parts.JobRegistry({ table, pool, permits, specOf, maxActive: 4, keep: 4 })
}

export function requestOf(id: string) {
  return { id, dataset: null, seed: 1, steps: 1 }
}

/** Takes a simulation up if it is there already, works on it, and ends it. */
export function workOn(id: string, shared: SharedSimulations, { parts, client }: ThreadContext<Components>): void {
  const table = tableOver(shared, parts)
  const life = { id, attempt: 1 }
  client.call('take', id, () => table.start(life))
  client.call('advance', id, () => table.advance(life, 0.5))
  client.call('end', id, () => table.end(life, { state: 'completed' }))
}
