import '../../../../harness/register.ts'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SimChild } from '../../../../harness/sim/process/program.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'

/** An MCP server over its own standard input and output, as `main` of a real one has it. */
async function server(child: SimChild): Promise<void> {
  const mcp = new McpServer({ name: 'adder', version: '1.0.0' })
  mcp.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, async ({ a, b }) => {
    await new Promise((resolve) => setTimeout(resolve, a))
    return { content: [{ type: 'text', text: String(a + b) }] }
  })
  child.stderr.write('ready')
  await mcp.connect(new StdioServerTransport())
}

async function session(sim: Sim) {
  sim.program('adder.js', server)
  const transport = new StdioClientTransport({ command: 'node', args: ['/app/adder.js'], stderr: 'pipe' })
  let log = ''
  transport.stderr?.on('data', (bytes) => (log += bytes))
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transport)
  const sums = await Promise.all(
    [7, 3, 5].map(async (a) => {
      const { content } = await client.callTool({ name: 'add', arguments: { a, b: 1 } })
      return (content as { text: string }[])[0]?.text
    }),
  )
  const { pid } = transport
  await client.close()
  return { sums, log, pid }
}

describe('an MCP server over stdio, and its client', () => {
  it('talk in every order, end when the input does, and leave nothing behind', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { value, status, findings, leftovers } = await simulate(session, { seed })
      expect({ seed, status, findings, leftovers }).toEqual({ seed, status: 'done', findings: [], leftovers: [] })
      expect(value).toEqual({ sums: ['8', '4', '6'], log: 'ready', pid: expect.any(Number) })
    }
  })

  it('go the same way for the same seed', async () => {
    const first = await simulate(session, { seed: 4 })
    for (let repeat = 0; repeat < 20; repeat++) {
      const { hash, trace } = await simulate(session, { seed: 4 })
      expect(trace).toEqual(first.trace)
      expect(hash).toBe(first.hash)
    }
  })
})
