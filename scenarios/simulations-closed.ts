import { check, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { JobRegistry } from '../reference-impl/state/job-registry.ts'
import type { Assignment } from '../reference-impl/state/job-runner.ts'
import { hasEnded, type JobRecord, type JobTable, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import type { SharedDict } from '../reference-impl/state/thread-safe-dict.ts'

const name = 'simulations'
const taken = 'flap'
const orphaned = 'loop'

interface Shared {
  readonly jobs: SharedDict
  readonly permits: SharedArrayBuffer
}

/** The event loop stops for good while one worker thread takes its simulation up, and another one has died with its own. */
export default threadScenario('simulations-closed', {
  target: state,
  source: 'race-condition-bug-fix: no event-loop blocking; thread-safety-analysis: issue 4, graceful shutdown',
  promise: 'The event loop never stands still for a worker, and every simulation comes to an end that stays as it was.',
  setup({ parts }): Shared {
    const lock = new parts.ReentrantLock({ name, places: 4, lends: 0 })
    const jobs = new parts.JobTable('simulation', { name, lock, capacityBytes: 2048 }).share()
    return { jobs, permits: new parts.SharedSemaphore({ name, permits: 2, places: 4, lends: 0 }).buffer }
  },
  threads: [
    { module: import.meta.url, run: 'serve', canBlock: false },
    { module: import.meta.url, run: 'work' },
  ],
  final({ jobs }, { parts, client }) {
    client.call('look', orphaned, () => expectEnded(tableOver(jobs, parts).get(orphaned)))
  },
  checks: [
    check.lifecycle({ machines: { simulation: { initial: ['queued'], transitions: jobTransitions } } }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.leftovers(),
    check.serverErrors(),
  ],
  scale: { schedules: 300 },
})

export async function serve({ jobs, permits }: Shared, { parts, client }: ThreadContext<Components>): Promise<void> {
  const registry = registryOver(tableOver(jobs, parts), permits, parts)
  await client.call('start', taken, () => registry.start(requestOf(taken)))
  await client.call('start', orphaned, () => registry.start(requestOf(orphaned)))
  await client.call('list', null, () => registry.list())
  await client.call('close', null, () => registry.close())
}

/** Takes the simulation up if it is there already, works on it, and ends it. */
export function work({ jobs }: Shared, { parts, client }: ThreadContext<Components>): void {
  const table = tableOver(jobs, parts)
  const life = { id: taken, attempt: 1 }
  client.call('take', taken, () => table.start(life))
  client.call('advance', taken, () => table.advance(life, 0.5))
  client.call('end', taken, () => table.end(life, { state: 'completed' }))
}

function expectEnded(job: JobRecord | undefined): void {
  if (job === undefined || !hasEnded(job.state)) throw new Error(`a simulation was left behind: ${job?.state}`)
}

function registryOver(table: JobTable, buffer: SharedArrayBuffer, parts: Components): JobRegistry {
  // One worker is a thread of the scenario, which takes up by itself what there is; the other one is dead.
  const pool = {
    async run({ life }: Assignment) {
      if (life?.id === orphaned) throw new Error('its worker thread ended with code 1')
      return null
    },
  }
  const permits = new parts.SharedSemaphore({ name, buffer })
  const specOf = async ({ seed, steps }: JobRecord) =>
    ({ kind: 'simulation', seed, steps, sliceOperations: 1 }) as const
  return new parts.JobRegistry({ table, pool, permits, specOf, maxActive: 4, keep: 4 })
}

function tableOver(shared: SharedDict, { ReentrantLock, JobTable }: Components): JobTable {
  return new JobTable('simulation', { name, shared, lock: new ReentrantLock({ name, buffer: shared.lock }) })
}

function requestOf(id: string) {
  return { id, dataset: null, seed: 1, steps: 1 }
}
