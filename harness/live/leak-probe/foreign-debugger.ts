import { readlinkSync } from 'node:fs'
import { get } from 'node:http'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { type ProcessFamily, processesOf, signalProcess } from '../processes.ts'
import { delay } from '../waiting.ts'
import { listeningPorts } from './listening.ts'

const openTimeoutMs = 3_000
const pollMs = 20

/** The process of a family that listens at a port; null when none can be seen to. */
export function findServer(family: ProcessFamily, port: number): number | null {
  return processesOf(family).find(({ pid }) => listeningPorts(pid).includes(port))?.pid ?? null
}

/**
 * Opens the debugger of a Node process that we did not start ourselves: SIGUSR1 asks for it. To other programs that
 * signal means death, so it is sent only to what is certainly Node.
 */
export async function openDebugger(pid: number): Promise<{ url: string } | { missing: string }> {
  if (!isNode(pid)) return { missing: 'the target is no Node process' }
  const before = new Set(listeningPorts(pid))
  signalProcess(pid, 'SIGUSR1')
  for (const deadlineMs = performance.now() + openTimeoutMs; performance.now() < deadlineMs; ) {
    for (const port of listeningPorts(pid).filter((open) => !before.has(open))) {
      const url = await debuggerAt(port)
      if (url !== null) return { url }
    }
    await delay(pollMs)
  }
  return { missing: `the target did not open its debugger within ${openTimeoutMs} ms of SIGUSR1` }
}

function isNode(pid: number): boolean {
  try {
    return /^node(js)?$/.test(basename(readlinkSync(`/proc/${pid}/exe`)))
  } catch {
    return false
  }
}

/** The debugger's address, if it is a debugger that listens there. The connection is not kept: it would be counted. */
function debuggerAt(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/json/list', agent: false, timeout: 1_000 }
    const request = get(options, (response) => void text(response).then((body) => resolve(debuggerIn(body))))
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
    request.on('close', () => resolve(null))
  })
}

function debuggerIn(body: string): string | null {
  try {
    const [first] = JSON.parse(body) as { webSocketDebuggerUrl?: string }[]
    return first?.webSocketDebuggerUrl ?? null
  } catch {
    return null
  }
}
