import { check, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import type { Assignment } from '../reference-impl/state/job-runner.ts'
import { hasEnded, type JobRecord, jobTransitions } from '../reference-impl/state/job-table.ts'
import { state } from '../reference-impl/state/target.ts'
import {
  noSimulations,
  registryOver,
  requestOf,
  type SharedSimulations,
  tableOver,
  workOn,
} from '../reference-impl/state/target-simulations.ts'

const taken = 'flap'
const orphaned = 'loop'

/** One worker is a thread of the scenario, which takes up by itself what there is; the other one is dead. */
const pool = {
  async run({ life }: Assignment) {
    if (life?.id === orphaned) throw new Error('its worker thread ended with code 1')
    return null
  },
}

/** The event loop stops for good while one worker thread takes its simulation up, and another one has died with its own. */
export default threadScenario('simulations-closed', {
  target: state,
  source: 'race-condition-bug-fix: no event-loop blocking; thread-safety-analysis: issue 4, graceful shutdown',
  promise: 'The event loop never stands still for a worker, and every simulation comes to an end that stays as it was.',
  setup: ({ parts }) => noSimulations(parts, 2),
  threads: [
    { module: import.meta.url, run: 'serve', canBlock: false },
    { module: import.meta.url, run: 'work' },
  ],
  final(shared, { parts, client }) {
    client.call('look', orphaned, () => expectEnded(tableOver(shared, parts).get(orphaned)))
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

export async function serve(shared: SharedSimulations, { parts, client }: ThreadContext<Components>): Promise<void> {
  const registry = registryOver(shared, parts, pool)
  await client.call('start', taken, () => registry.start(requestOf(taken)))
  await client.call('start', orphaned, () => registry.start(requestOf(orphaned)))
  await client.call('list', null, () => registry.list())
  await client.call('close', null, () => registry.close())
}

export function work(shared: SharedSimulations, context: ThreadContext<Components>): void {
  workOn(taken, shared, context)
}

function expectEnded(job: JobRecord | undefined): void {
  if (job === undefined || !hasEnded(job.state)) throw new Error(`a simulation was left behind: ${job?.state}`)
}
