import { type CallToolResult, McpServer } from '@modelcontextprotocol/server'
import type { z } from 'zod'
import type { OpenCalls } from './open-calls.ts'
import { Refusal } from './refusal.ts'
import { reportFault } from './report-fault.ts'
import type { Tool, ToolCall } from './tools.ts'

/** A tool as the SDK wants it described. */
interface Described {
  tool: Tool
  config: { description: string; inputSchema: z.ZodObject; annotations: { readOnlyHint: boolean } }
}

/** Puts the tools on MCP servers. A server of the SDK serves one client; the tools and the engine behind them serve all. */
export class ToolBox {
  readonly #tools: readonly Described[]
  readonly #calls: OpenCalls

  constructor(tools: readonly Tool[], calls: OpenCalls) {
    this.#tools = tools.map(described)
    this.#calls = calls
  }

  /** A server for one client, not yet connected. */
  makeServer(): McpServer {
    const server = new McpServer({ name: 'raceproof-reference-mcp', version: '1.0.0' })
    for (const { tool, config } of this.#tools) {
      server.registerTool(tool.name, config, (input, { sessionId = 'stdio', mcpReq }) =>
        this.#call(tool, input, { client: sessionId, signal: mcpReq.signal }),
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

function described(tool: Tool): Described {
  const { description, readOnly, input: inputSchema } = tool
  return { tool, config: { description, inputSchema, annotations: { readOnlyHint: readOnly } } }
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
