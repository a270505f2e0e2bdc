import { HarnessError } from '../errors.ts'
import type { LaunchContext, Launched } from './launch.ts'
import { untilReady } from './readiness.ts'
import { hrtimeMs } from './run-clock.ts'

/** Uses a target that runs already. Throws `ERR_USAGE` for an address it cannot proxy, and `ERR_TARGET_NOT_READY`. */
export async function launchUrl(address: string, context: LaunchContext): Promise<Launched> {
  const url = parse(address)
  await untilReady({
    url,
    readyPath: context.target.readyPath,
    timeoutMs: context.readyTimeoutMs,
    signal: context.signal,
    hint: 'Start the server first, or give a command that starts it.',
  })
  return { url, process: null, subject: null, pull: async () => context.onProbes({ stampMs: hrtimeMs(), probes: [] }) }
}

function parse(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol === 'http:') return url.href
  throw new HarnessError(
    'ERR_USAGE',
    `expected the target's URL to begin with http://, got '${address}'. Faults are put on plain TCP connections; ` +
      'point the run at the server behind the TLS terminator.',
  )
}
