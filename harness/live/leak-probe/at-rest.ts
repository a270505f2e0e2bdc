import { delay } from '../waiting.ts'
import type { Census } from './leak-probe.ts'

/** How long counts must stay the same to be taken as final, when they are above the baseline. */
const steadyMs = 500
const pollMs = 50

/** What is counted exactly: after every round it must be what it was before the first. */
function isExact(kind: string): boolean {
  return kind === 'childProcesses' || kind.startsWith('resource:')
}

/**
 * Waits until the target is at rest. What must be back at the baseline is given all the time there is. The other counts
 * may stay above it in a healthy target (a pool that was filled), so that they only have to stand still.
 */
export async function untilAtRest(
  glance: () => Promise<Census>,
  baseline: Census,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  let last = ''
  let sinceMs = performance.now()
  while (performance.now() < deadlineMs && !signal.aborted) {
    const { counts } = await glance()
    const now = JSON.stringify(counts)
    if (now !== last) sinceMs = performance.now()
    last = now
    const above = Object.keys(counts).filter((kind) => (counts[kind] as number) > (baseline.counts[kind] ?? 0))
    if (above.length === 0) return
    if (!above.some(isExact) && performance.now() - sinceMs >= steadyMs) return
    await delay(pollMs)
  }
}
