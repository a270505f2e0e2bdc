import { type CallToolResult, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { OpenCalls } from './open-calls.ts'
import { Refusal } from './refusal.ts'
import { reportFault } from './report-fault.ts'
import type { Tool, ToolCall } from './tools.ts'

/** Echoed in the answer, so that a client can tell that an answer is its own. */
const marker = z.string().max(200).optional()

/** Puts the tools on MCP servers. A server of the SDK serves one client; the tools and the engine behind them serve all. */
export class ToolBox {
  readonly #tools: readonly Tool[]
  readonly #calls: OpenCalls

  constructor(tools: readonly Tool[], calls: OpenCalls) {
    this.#tools = tools
    this.#calls = calls
  }

  /** A server for one client, not yet connected. */
  makeServer(): McpServer {
    const server = new McpServer({ name: 'raceproof-reference-mcp', version: '1.0.0' })
    for (const tool of this.#tools) {
      const { name, description, readOnly, input } = tool
      const config = { description, inputSchema: input.extend({ marker }), annotations: { readOnlyHint: readOnly } }
      server.registerTool(name, config, (given, { sessionId = 'stdio', mcpReq }) =>
        this.#call(tool, given as Record<string, unknown>, { client: sessionId, signal: mcpReq.signal }),
      )
    }
    return server
  }

  async #call(tool: Tool, input: Record<string, unknown>, call: ToolCall): Promise<CallToolResult> {
    this.#calls.begin()
    try {
      return answered({ ...(await tool.run(input, call)), marker: input.marker })
    } catch (thrown) {
      return declined(tool, thrown, input.marker)
    } finally {
      this.#calls.end()
    }
  }
}

function answered(output: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output }
}

/** The answer to a call that failed. What is no {@link Refusal} is a fault of ours, and is published as one. */
function declined(tool: Tool, thrown: unknown, given: unknown): CallToolResult {
  const reason = thrown instanceof Refusal ? thrown.reason : 'internal'
  if (reason === 'internal') reportFault(`tool ${tool.name}`, thrown)
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return { isError: true, content: [{ type: 'text', text }], structuredContent: { reason, marker: given } }
}
