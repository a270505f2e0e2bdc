import { type Account, type Call, check, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { JobRegistry } from '../reference-impl/state/job-registry.ts'
import { type JobRecord, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import {
  noSimulations,
  registryOver,
  requestOf,
  type SharedSimulations,
  workOn,
} from '../reference-impl/state/target-simulations.ts'
import { refusable, unlessRefused } from '../reference-impl/state/target-thread-calls.ts'

const raced = 'flap'
const calm = 'drain'

/** The worker is a thread of the scenario, which takes up by itself what there is. */
const pool = { run: async () => null }

/** A simulation ends by itself while it is stopped, and is restarted while old ones are cleaned up. */
export default threadScenario('simulation-of-a-thread', {
  target: state,
  source: 'race-condition-bug-fix: fix 4 (double lock acquisition), `_cleanup_old_analyses`',
  promise: 'How a simulation ended stays as it was, and a restarted one is not an old one.',
  setup: ({ parts }) => noSimulations(parts, 1),
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

export async function serve(shared: SharedSimulations, { parts, client }: ThreadContext<Components>): Promise<void> {
  const registry = registryOver(shared, parts, pool)
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

export function work(shared: SharedSimulations, context: ThreadContext<Components>): void {
  workOn(raced, shared, context)
}

/** Every life of a simulation is a thing of its own. No second life ends before it is looked for, so no cleanup may remove it. */
function livesOf({ f, input, outcome }: Call): Account | null {
  const job = outcome.type === 'ok' ? (outcome.output as JobRecord | undefined) : undefined
  const life = job === undefined ? [] : [`${input}#${job.attempt}`]
  if (f === 'restart') return { keeps: life }
  const isAnswer = outcome.type === 'ok' || (outcome.type === 'fail' && outcome.status === 404)
  return f === 'look' && isAnswer ? { shows: life, covers: [`${input}#2`] } : null
}
