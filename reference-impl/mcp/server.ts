import type { Readable, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { Assembly } from './assembly.ts'
import { components } from './components.ts'
import type { McpConfig } from './config.ts'
import { OpenCalls } from './open-calls.ts'

/** The component classes, and the one that puts them together. */
export const mcpParts = { ...components, Assembly } as const
export type McpParts = typeof mcpParts

export interface McpOptions {
  config: McpConfig
  host: string
  /** 0 means any free port. */
  port: number
  /** Where state and metadata are; several processes may share it. */
  stateDir: string
  stdin: Readable
  stdout: Writable
}

export interface RunningMcp {
  /** Where HTTP is served, such as `http://127.0.0.1:4711`; MCP is at `/mcp` there. Null without HTTP. */
  readonly url: string | null
  /** Resolves when the client has closed the standard input, or it was stopped; null without stdio. */
  readonly stdioEnded: Promise<void> | null
  /** Lets open calls end, ends all sessions and leaves nothing open. May be called again. */
  stop(): Promise<void>
}

/**
 * Starts the server with the transports that the configuration names, in this process. Rejects when the address is
 * taken or the state folder cannot be used, and then leaves nothing behind.
 */
export async function startMcp(parts: McpParts, options: McpOptions): Promise<RunningMcp> {
  const { config, host, port, stateDir, stdin, stdout } = options
  const calls = new OpenCalls()
  let url: string | null = null
  const callbackUrl = () => url && `${url}/mcp`
  const assembly = new parts.Assembly(parts, { config, stateDir, calls, callbackUrl })
  await assembly.prepare()

  const http = config.transports === 'stdio' ? null : assembly.httpAdapter()
  url = (await http?.listen(host, port)) ?? null
  const stdio = config.transports === 'http' ? null : assembly.stdioAdapter(stdin, stdout)
  await stdio?.open()
  const reaper = assembly.reaper()
  reaper.start(config.reapEveryMs)

  let stopped: Promise<void> | null = null
  const stop = async () => {
    reaper.stop()
    http?.drain()
    await calls.settled(config.drainMs)
    // The answer to the last call over stdio is written in the turn after the call.
    await setImmediate()
    stdio?.close()
    http?.close()
  }
  return {
    url,
    stdioEnded: stdio?.ended ?? null,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
