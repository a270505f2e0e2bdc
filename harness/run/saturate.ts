import autocannon from 'autocannon'
import type { Saturation } from '../record.ts'
import type { Scenario } from '../scenario.ts'
import { serveTarget } from './served-target.ts'

/** The load test of the race-fix document: 1,000 requests, 50 at a time. */
const requests = 1000
const connections = 50

/**
 * Serves a target alone and saturates its route in a closed loop: each connection sends its next request as soon as the
 * last one is answered. The figure to read is the throughput. The latencies of a closed loop leave out the time that a
 * request waits to be sent, which is why the scenarios measure theirs themselves.
 */
export async function saturateTarget(target: Scenario['target'], route: string): Promise<Saturation> {
  const served = await serveTarget(target, { timeoutMs: 60_000 })
  try {
    return await saturate(served.url + route)
  } finally {
    await served.stop()
  }
}

/** The same for a server that runs already. Units: milliseconds, requests per second. */
export async function saturate(url: string): Promise<Saturation> {
  const result = await autocannon({ url, connections, amount: requests, timeout: 10 })
  const { p50, p99, max } = result.latency
  return {
    url,
    requests: result.requests.total,
    connections,
    requestsPerSecond: Math.round(result.requests.total / result.duration),
    latencyMs: { p50, p99, max },
    non2xx: result.non2xx,
    errors: result.errors + result.timeouts,
  }
}
