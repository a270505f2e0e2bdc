import { calls } from '../history/calls.ts'
import type { History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import { Distribution } from './distribution.ts'

/** How long the calls of one operation took, of those that were answered. */
export interface LatencyMs {
  count: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** The latency of each operation, by name, of the calls that are `ok`; from invocation to completion, in milliseconds. */
export function latencyTable(history: History): Record<string, LatencyMs> {
  const operations = new DefaultMap<string, Distribution>(() => new Distribution())
  for (const { f, invokedMs, outcome } of calls(history)) {
    if (outcome.type === 'ok') operations.of(f).record(outcome.timeMs - invokedMs)
  }
  const rows = [...operations].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(rows.map(([f, distribution]) => [f, row(distribution)]))
}

function row(distribution: Distribution): LatencyMs {
  return {
    count: distribution.count,
    p50: distribution.percentileMs(50),
    p90: distribution.percentileMs(90),
    p99: distribution.percentileMs(99),
    max: distribution.maxMs,
  }
}
