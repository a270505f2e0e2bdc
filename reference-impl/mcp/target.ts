import { defineTarget } from 'raceproof'
import { defaultConfig } from './config.ts'
import { dualTransportSplit } from './defects/dual-transport-split.ts'
import { sessionDoubleInit } from './defects/session-double-init.ts'
import { mcpParts, startMcp } from './server.ts'
import { McpClient } from './target-client.ts'

/** An MCP server with workflow sessions, search, checkpoints and sub-agents, over stdio and HTTP at once. */
export const mcp = defineTarget({
  name: 'mcp',
  about: 'An MCP server over stdio and Streamable HTTP at once, with one workflow engine behind both.',
  module: import.meta.url,
  parts: mcpParts,
  config: defaultConfig,
  start: ({ parts, config, host, port, dataDir }) =>
    startMcp(parts, { config, host, port, stateDir: dataDir, stdin: process.stdin, stdout: process.stdout }),
  client: (context) => new McpClient(context),
  defects: [sessionDoubleInit, dualTransportSplit],
  readyPath: '/healthz',
})
