import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening, sleep } from './server.ts'

/** Two sessions of the MCP SDK over Streamable HTTP: tools with progress, an error, an unknown tool and an end. */
export async function mcpProgram(sim: Sim) {
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()
  const server = createServer((asked, reply) => void handle(sessions, asked, reply))
  await sim.process('server', () => listening(server, 8080))
  const told = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => session(name))))
  await sim.process('server', async () => {
    for (const transport of sessions.values()) await transport.close()
    const closing = closed(server)
    server.closeAllConnections()
    await closing
  })
  return told
}

export const mcpAnswer = ['a', 'b'].map((name) => ({
  tools: ['greet', 'fail'],
  greeting: `hello ${name}`,
  progress: [1, 2],
  failure: 'no',
  unknown: true,
}))

async function handle(
  sessions: Map<string, NodeStreamableHTTPServerTransport>,
  asked: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const known = sessions.get(String(asked.headers['mcp-session-id']))
  const transport = known ?? (await newSession(sessions))
  await transport.handleRequest(asked, reply)
}

async function newSession(sessions: Map<string, NodeStreamableHTTPServerTransport>) {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  })
  await greeter().connect(transport)
  return transport
}

function greeter(): McpServer {
  const server = new McpServer({ name: 'greeter', version: '1.0.0' })
  const inputSchema = z.object({ name: z.string() })
  server.registerTool('greet', { inputSchema }, async ({ name }, { mcpReq }) => {
    for (const progress of [1, 2]) {
      const progressToken = mcpReq._meta?.progressToken
      if (progressToken !== undefined)
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } })
      await sleep(5)
    }
    return { content: [{ type: 'text', text: `hello ${name}` }] }
  })
  server.registerTool('fail', {}, () => {
    throw new Error('no')
  })
  return server
}

async function session(name: string) {
  const client = new Client({ name, version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(new URL(`http://${host}:8080/mcp`))
  await client.connect(transport)
  const { tools } = await client.listTools()
  const progress: number[] = []
  const greeted = await client.callTool(
    { name: 'greet', arguments: { name } },
    { onprogress: (told) => progress.push(told.progress) },
  )
  const failed = await client.callTool({ name: 'fail' })
  const unknown = await client.callTool({ name: 'unknown' }).then(
    ({ isError }) => isError,
    () => true,
  )
  await transport.terminateSession()
  await client.close()
  return {
    tools: tools.map((tool) => tool.name),
    greeting: textOf(greeted),
    progress,
    failure: textOf(failed),
    unknown,
  }
}

function textOf({ content }: { content: unknown }): string {
  return (content as { text: string }[])[0]?.text ?? ''
}
