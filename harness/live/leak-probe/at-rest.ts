import { delay } from '../waiting.ts'
import type { Census } from './leak-probe.ts'

/** How long counts must stay the same to be taken as final, when they are above the baseline. */
const steadyMs = 500
const pollMs = 50

/** What is counted exactly: after every round it must be what it was before the first. */
function isExact(kind: string): boolean {
  return kind === 'childProcesses' || kind.startsWith('resource:')
}

/** What the counts were at rest before. */
export interface KnownCounts {
  /** Before the first round. */
  baseline: Record<string, number>
  /** The highest of each kind at any rest so far. */
  highest: Record<string, number>
}

/** What is known after another rest. */
export function withCounts({ baseline, highest }: KnownCounts, counts: Record<string, number>): KnownCounts {
  const kinds = new Set([...Object.keys(highest), ...Object.keys(counts)])
  const higher = [...kinds].map((kind) => [kind, Math.max(highest[kind] ?? 0, counts[kind] ?? 0)])
  return { baseline, highest: Object.fromEntries(higher) }
}

/**
 * Waits until the target is at rest. What must be back at the baseline is given all the time there is. The other counts
 * may stay above it in a healthy target (a pool that was filled): they are at rest when they are no higher than they
 * were at rest before, or stand still.
 */
export async function untilAtRest(
  glance: () => Promise<Census>,
  { baseline, highest }: KnownCounts,
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
    const above = Object.keys(counts).filter((kind) => {
      const known = isExact(kind) ? baseline : highest
      return (counts[kind] as number) > (known[kind] ?? 0)
    })
    if (above.length === 0) return
    if (!above.some(isExact) && performance.now() - sinceMs >= steadyMs) return
    await delay(pollMs)
  }
}
