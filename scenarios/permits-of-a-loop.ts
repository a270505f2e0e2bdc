import { CallFailed, check, type ThreadClient, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'
import { unlessRefused } from '../reference-impl/state/target-thread-calls.ts'
import { turn } from '../reference-impl/state/turn.ts'
import type { SharedSemaphore } from '../reference-impl/sync/shared-semaphore.ts'

const name = 'analyses'

/** Two tasks of an event loop and a worker thread analyse, and there is one permit; the first analysis of a task fails. */
export default threadScenario('permits-of-a-loop', {
  target: state,
  source: 'race-condition-bug-fix: `_analysis_semaphore` (`acquire`, `release` after an error)',
  promise: 'Never do more analyses run than there are permits, and every permit comes back, however its analysis ends.',
  setup: ({ parts }): SharedArrayBuffer => new parts.SharedSemaphore({ name, permits: 1, places: 4, lends: 0 }).buffer,
  threads: [
    { module: import.meta.url, run: 'serve', canBlock: false },
    { module: import.meta.url, run: 'work' },
  ],
  checks: [check.bounds({ open: { permit: 1 } }), check.progress(), check.leftovers(), check.serverErrors()],
  scale: { schedules: 300 },
})

export async function serve(buffer: SharedArrayBuffer, { parts, client }: ThreadContext<Components>): Promise<void> {
  const permits = new parts.SharedSemaphore({ name, buffer })
  await Promise.all([failAndAnalyse(permits, client.task('a')), analyse(permits, client.task('b'))])
}

export function work(buffer: SharedArrayBuffer, { parts, client }: ThreadContext<Components>): void {
  const permits = new parts.SharedSemaphore({ name, buffer })
  client.call('analyse', null, () => {
    const permit = permits.acquireSync()
    Atomics.load(new Int32Array(buffer), 0)
    permit.release()
  })
}

async function failAndAnalyse(permits: SharedSemaphore, client: ThreadClient): Promise<void> {
  await client.call('fail', null, () => permits.run(fail)).catch(unlessRefused)
  await analyse(permits, client)
}

function analyse(permits: SharedSemaphore, client: ThreadClient): Promise<void> {
  return client.call('analyse', null, () => permits.run(turn))
}

async function fail(): Promise<never> {
  await turn()
  throw new CallFailed('the dataset is not there')
}
