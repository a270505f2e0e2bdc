import { check, type ThreadContext, threadScenario } from 'raceproof'
import type { Components } from '../reference-impl/state/components.ts'
import { state } from '../reference-impl/state/target.ts'
import { WaitTimeout } from '../reference-impl/sync/patience.ts'

interface Shared {
  readonly permits: SharedArrayBuffer
  readonly done: SharedArrayBuffer
}

/** There is one permit for analyses. One worker gives up waiting for it, and asks again later. */
export default threadScenario('permit-waited-for', {
  target: state,
  source: 'race-condition-bug-fix: `_analysis_semaphore`, AsyncThreadLock (time-outs of `acquire`)',
  promise: 'Never do more analyses run than there are permits, and who gives up waiting takes none with it.',
  setup: ({ parts }): Shared => ({
    permits: new parts.SharedSemaphore({ name: 'analyses', permits: 1, places: 4, lends: 0 }).buffer,
    done: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }),
  threads: [
    { module: import.meta.url, run: 'analyse' },
    { module: import.meta.url, run: 'analyseImpatiently' },
  ],
  checks: [check.bounds({ open: { permit: 1 } }), check.progress(), check.leftovers(), check.serverErrors()],
})

export function analyse(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  client.call('analyse', null, () => analysed(shared, parts, {}))
}

export function analyseImpatiently(shared: Shared, { parts, client }: ThreadContext<Components>): void {
  const ran = client.call('analyse', 20, () => analysed(shared, parts, { timeoutMs: 20 }))
  if (!ran) client.call('analyse', null, () => analysed(shared, parts, {}))
}

/** Does the work of an analysis with a permit; false when that was not to be had in time. */
function analysed({ permits: buffer, done }: Shared, parts: Components, patience: { timeoutMs?: number }): boolean {
  const semaphore = new parts.SharedSemaphore({ name: 'analyses', buffer })
  try {
    const permit = semaphore.acquireSync(patience)
    Atomics.add(new Int32Array(done), 0, 1)
    permit.release()
    return true
  } catch (thrown) {
    if (thrown instanceof WaitTimeout) return false
    throw thrown
  }
}
