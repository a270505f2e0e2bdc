import { HarnessError } from '../errors.ts'
import { HostProcess } from './host-process.ts'
import type { LaunchContext, Launched } from './launch.ts'
import { delay, settlesWithin } from './waiting.ts'

/** Starts the target's module in a host process. Throws `ERR_TARGET_START` or `ERR_TARGET_NOT_READY`. */
export async function launchHost(context: LaunchContext): Promise<Launched> {
  const { target, defect, config, dataDir, onProbes } = context
  const task = {
    module: target.module,
    target: target.name,
    defect: defect?.name ?? null,
    config,
    dataDir,
    probes: true,
  }
  const host = new HostProcess(context, task, onProbes)
  context.onProcess(host)
  await untilReady(host, context)
  const { url, inspectorUrl } = await host.ready()
  return {
    url,
    process: host,
    subject: { pid: host.pid as number, family: host.family, debugger: debuggerOf(inspectorUrl) },
    pull: () => host.pull(),
  }
}

async function untilReady(host: HostProcess, { target, readyTimeoutMs, signal }: LaunchContext): Promise<void> {
  const over = new AbortController()
  const interrupted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { signal: over.signal }),
  )
  const settled = await settlesWithin(Promise.race([host.ready(), interrupted]), readyTimeoutMs)
  over.abort()
  signal.throwIfAborted()
  if (settled) return
  // One turn more, so that what it wrote last is in the message.
  await delay(0)
  const words = host.lastStderr()
  throw new HarnessError(
    'ERR_TARGET_NOT_READY',
    `target '${target.name}' did not become ready within ${readyTimeoutMs} ms: its start() has not returned. ` +
      (words === '' ? 'It wrote nothing on its standard error.' : `Its last output: ${words}`),
  )
}

function debuggerOf(url: string | null): { url: string } | { missing: string } {
  return url === null ? { missing: 'the debugger of the host process could not be opened' } : { url }
}
