import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { onTestFinished } from 'vitest'
import { entry } from '../../../harness/entry.ts'
import { defaultConfig, type McpConfig } from '../../../reference-impl/mcp/config.ts'
import type { Lines } from '../../../reference-impl/mcp/line-caller.ts'
import { type McpParts, mcpParts, startMcp } from '../../../reference-impl/mcp/server.ts'

/** A folder that is removed when the test has finished. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mcp-test-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

export interface ServerOptions {
  config?: Partial<McpConfig>
  parts?: Partial<McpParts>
  stateDir?: string
  port?: number
}

/** A server in this process, with the far ends of its stdio; it is stopped when the test has finished. */
export async function server({ config, parts, stateDir, port = 0 }: ServerOptions = {}) {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const running = await startMcp(
    { ...mcpParts, ...parts },
    {
      config: { ...defaultConfig, ...config },
      host: '127.0.0.1',
      port,
      stateDir: stateDir ?? (await folder()),
      stdin,
      stdout,
    },
  )
  onTestFinished(() => running.stop())
  return { ...running, mcpUrl: `${running.url}/mcp`, lines: linesOf(stdin, stdout), stdin }
}

/** The far ends of a pair of pipes, as lines. */
export function linesOf(stdin: PassThrough, stdout: PassThrough): Lines {
  const reader = createInterface({ input: stdout })
  return {
    send: (line) => void stdin.write(`${line}\n`),
    onLine: (listener) => {
      reader.on('line', listener)
      return () => reader.off('line', listener)
    },
  }
}

/** The SDK's client over HTTP. */
export async function httpClient(mcpUrl: string): Promise<Client> {
  return connected(new StreamableHTTPClientTransport(new URL(mcpUrl)))
}

/** The SDK's client over stdio, with the built server as its child process. */
export async function stdioClient(args: string[]): Promise<Client> {
  const command = [entry('reference-impl/mcp/main'), ...args]
  return connected(new StdioClientTransport({ command: process.execPath, args: command, stderr: 'ignore' }))
}

async function connected(transport: StreamableHTTPClientTransport | StdioClientTransport): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

/** What a tool answered; throws its text when it is an error. */
export async function call<Output = Record<string, unknown>>(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
): Promise<Output> {
  const { isError, structuredContent, content } = await client.callTool({ name, arguments: input })
  if (isError) throw new Error((content as { text: string }[])[0]?.text)
  return structuredContent as Output
}

/** The built server as a process of its own, ready to be called over HTTP; it is killed when the test has finished. */
export async function serverProcess(args: string[]): Promise<{ child: ChildProcess; mcpUrl: string }> {
  const child = spawn(process.execPath, [entry('reference-impl/mcp/main'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stderr }), 'line')) as [string]
  return { child, mcpUrl: (JSON.parse(line) as { url: string }).url }
}

/** Resolves when a condition holds, which is looked at again and again. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A promise that is settled from outside. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
