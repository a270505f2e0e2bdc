import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { HarnessError } from '../errors.ts'
import type { LaunchContext, Launched } from './launch.ts'
import { findServer, openDebugger } from './leak-probe/foreign-debugger.ts'
import type { Subject } from './leak-probe/leak-probe.ts'
import { untilReady } from './readiness.ts'
import { hrtimeMs } from './run-clock.ts'
import { TargetProcess } from './target-process.ts'

/**
 * Starts a server of any language by a shell command, which must make it listen at the port in the environment variable
 * PORT. Throws `ERR_TARGET_START` when it exits first, and `ERR_TARGET_NOT_READY`.
 */
export async function launchCommand(command: string, context: LaunchContext): Promise<Launched> {
  const port = await freePort()
  const shell = new TargetProcess({ ...context, file: 'sh', args: ['-c', command], env: environment(port), ipc: false })
  context.onProcess(shell)
  const url = `http://127.0.0.1:${port}`
  const over = new AbortController()
  const signal = AbortSignal.any([context.signal, over.signal])
  try {
    await Promise.race([rejectsOnExit(shell, command), ready(url, { ...context, signal })])
  } finally {
    over.abort()
  }
  return {
    url,
    process: shell,
    subject: await subjectOf(shell, port),
    pull: async () => context.onProbes({ stampMs: hrtimeMs(), probes: [] }),
  }
}

function ready(url: string, { target, readyTimeoutMs, signal }: LaunchContext): Promise<void> {
  return untilReady({
    url,
    readyPath: target.readyPath,
    timeoutMs: readyTimeoutMs,
    signal,
    hint: 'The command must make the server listen at the port in the environment variable PORT.',
  })
}

async function rejectsOnExit(shell: TargetProcess, command: string): Promise<never> {
  const { detail } = await shell.exited
  const inUse = detail.includes('EADDRINUSE')
    ? '. A port is in use: stop what listens there, or let the command listen at the port in the environment variable PORT'
    : ''
  throw new HarnessError('ERR_TARGET_START', `the command '${command}' did not start a server: it ${detail}${inUse}`)
}

/** Node's debugger, should the command run Node and be asked for it later, must not meet another one at its usual port. */
function environment(port: number): Record<string, string> {
  return { PORT: String(port), NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --inspect-port=0`.trim() }
}

/** The process that listens, whatever shells and runners stand before it. */
async function subjectOf(shell: TargetProcess, port: number): Promise<Subject> {
  const { family } = shell
  const server = findServer(family, port)
  if (server === null) {
    return { pid: shell.pid as number, family, debugger: { missing: 'the process that listens was not found' } }
  }
  return { pid: server, family, debugger: await openDebugger(server) }
}

/** A port that nobody listens at. It is free again when this returns, so somebody could take it: the start would tell. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
