import autocannon, { type Result } from 'autocannon'
import type { Saturation } from '../record.ts'
import type { AnyTarget } from '../target.ts'
import { serveTarget } from './served-target.ts'

/** The load test of the race-fix document: 1,000 requests, 50 at a time. */
const requests = 1000
const connections = 50

/**
 * Serves a target alone and saturates its route in a closed loop: each connection sends its next request as soon as the
 * last one is answered. The figure to read is the throughput. The latencies of a closed loop leave out the time that a
 * request waits to be sent, which is why the scenarios measure theirs themselves.
 */
export async function saturateTarget(target: AnyTarget, route: string): Promise<Saturation> {
  const served = await serveTarget(target, { timeoutMs: 60_000 })
  try {
    return await saturate(served.url + route)
  } finally {
    await served.stop()
  }
}

/** The same for a server that runs already. Units: milliseconds, requests per second. */
export async function saturate(url: string): Promise<Saturation> {
  const { result, seconds } = await attack(url)
  const { p50, p99, max } = result.latency
  return {
    url,
    requests: result.requests.sent,
    connections,
    requestsPerSecond: Math.round(result['2xx'] / seconds),
    latencyMs: { p50, p99, max },
    non2xx: result.non2xx,
    // The generator does not count a connection that is closed instead of answered among its own errors.
    errors: result.requests.sent - result.requests.total,
  }
}

/** Sends the requests. The generator ends on its own ticks, one a second, so the time to the last answer is taken here. */
function attack(url: string): Promise<{ result: Result; seconds: number }> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    let lastMs = startedMs
    const generator = autocannon({ url, connections, amount: requests, timeout: 10 }, (error, result) => {
      if (error) reject(error)
      else resolve({ result, seconds: Math.max(lastMs - startedMs, 1) / 1000 })
    })
    generator.on('response', () => {
      lastMs = performance.now()
    })
  })
}
