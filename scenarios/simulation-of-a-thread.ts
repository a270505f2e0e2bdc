import { type Account, type Call, check, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { JobRegistry } from '../reference-impl/state/job-registry.ts'
import { type JobRecord, type JobTable, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import { refusable, unlessRefused } from '../reference-impl/state/target-thread-calls.ts'
import type { SharedDict } from '../reference-impl/state/thread-safe-dict.ts'

const name = 'simulations'
const raced = 'flap'
const calm = 'drain'

interface Shared {
  readonly jobs: SharedDict
  readonly permits: SharedArrayBuffer
}

/** A simulation ends by itself while it is stopped, and is restarted while old ones are cleaned up. */
export default threadScenario('simulation-of-a-thread', {
  target: state,
  source: 'race-condition-bug-fix: fix 4 (double lock acquisition), `_cleanup_old_analyses`',
  promise: 'How a simulation ended stays as it was, and a restarted one is not an old one.',
  setup({ parts }): Shared {
    const lock = new parts.ReentrantLock({ name, places: 4, lends: 0 })
    const jobs = new parts.JobTable('simulation', { name, lock, capacityBytes: 2048 }).share()
    return { jobs, permits: new parts.SharedSemaphore({ name, permits: 1, places: 4, lends: 0 }).buffer }
  },
  threads: [
    { module: import.meta.url, run: 'serve', canBlock: false },
    { module: import.meta.url, run: 'work' },
  ],
  checks: [
    check.survival({ account: livesOf }),
    check.lifecycle({ machines: { simulation: { initial: ['queued'], transitions: jobTransitions } } }),
    check.mutualExclusion(),
    check.lockOrder(),
    check.progress(),
    check.serverErrors(),
  ],
  scale: { schedules: 300 },
})

export async function serve({ jobs, permits }: Shared, { parts, client }: ThreadContext<Components>): Promise<void> {
  const registry = registryOver(tableOver(jobs, parts), permits, parts)
  await client.call('start', raced, () => registry.start(requestOf(raced)))
  await client.call('stop', raced, () => refusable(() => registry.stop(raced))).catch(unlessRefused)
  await Promise.all([
    client.task('cleanup').call('cleanup', null, () => registry.cleanup(0)),
    restart(registry, raced, client.task('restart')),
  ])
  await look(registry, raced, client)
  // And one that nobody interferes with.
  await client.call('start', calm, () => registry.start(requestOf(calm)))
  await client.call('stop', calm, () => registry.stop(calm))
  await restart(registry, calm, client)
  await look(registry, calm, client)
}

async function restart(registry: JobRegistry, id: string, client: ThreadClient): Promise<void> {
  await client.call('restart', id, () => refusable(() => registry.restart(id))).catch(unlessRefused)
}

async function look(registry: JobRegistry, id: string, client: ThreadClient): Promise<void> {
  await client.call('look', id, () => refusable(() => registry.get(id))).catch(unlessRefused)
}

/** Takes the simulation up if it is there already, works on it, and ends it. */
export function work({ jobs }: Shared, { parts, client }: ThreadContext<Components>): void {
  const table = tableOver(jobs, parts)
  const life = { id: raced, attempt: 1 }
  client.call('take', raced, () => table.start(life))
  client.call('advance', raced, () => table.advance(life, 0.5))
  client.call('end', raced, () => table.end(life, { state: 'completed' }))
}

function registryOver(table: JobTable, buffer: SharedArrayBuffer, parts: Components): JobRegistry {
  // The worker is a thread of the scenario, which takes up by itself what there is.
  const pool = { run: async () => null }
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

/** Every life of a simulation is a thing of its own. No second life ends before it is looked for, so no cleanup may remove it. */
function livesOf({ f, input, outcome }: Call): Account | null {
  const job = outcome.type === 'ok' ? (outcome.output as JobRecord | undefined) : undefined
  const life = job === undefined ? [] : [`${input}#${job.attempt}`]
  if (f === 'restart') return { keeps: life }
  const isAnswer = outcome.type === 'ok' || (outcome.type === 'fail' && outcome.status === 404)
  return f === 'look' && isAnswer ? { shows: life, covers: [`${input}#2`] } : null
}
