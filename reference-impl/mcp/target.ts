import { defineTarget } from 'raceproof'
import { defaultConfig } from './config.ts'
import { mcpDefects } from './defects/mcp-defects.ts'
import { mcpParts, startMcp } from './server.ts'
import { McpClient } from './target-client.ts'

/** An MCP server with workflow sessions, search, checkpoints and sub-agents, over stdio and HTTP at once. */
export const mcp = defineTarget({
  name: 'mcp',
  about: 'An MCP server over stdio and Streamable HTTP at once, with one workflow engine behind both.',
  module: import.meta.url,
  parts: mcpParts,
  config: defaultConfig,
  start: ({ parts, config, dataDir, ...rest }) => startMcp(parts, { config, stateDir: dataDir, ...rest }),
  client: (context) => new McpClient(context),
  defects: mcpDefects,
  readyPath: '/healthz',
})
