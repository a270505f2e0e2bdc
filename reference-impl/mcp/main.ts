#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { defaultConfig, type Transports, transports } from './config.ts'
import { mcpParts, startMcp } from './server.ts'

/**
 * The server as a program of its own. Nothing but MCP goes to stdout, which is a transport; where HTTP is served is
 * told as one line of JSON on stderr.
 */
const usage = 'node main.js [--transports stdio|http|both] [--port 0] --state-dir DIR'

function optionsFrom(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      transports: { type: 'string', default: 'both' },
      port: { type: 'string', default: '0' },
      'state-dir': { type: 'string' },
    },
  })
  const port = Number(values.port)
  const stateDir = values['state-dir']
  if (!transports.includes(values.transports as Transports)) {
    throw new Error(`--transports must be one of ${transports.join(', ')}, got '${values.transports}'`)
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a whole number from 0 to 65535, got '${values.port}'`)
  }
  if (stateDir === undefined) throw new Error('--state-dir is missing: where shall sessions and metadata be kept?')
  return { transports: values.transports as Transports, port, stateDir }
}

async function main(): Promise<void> {
  const { transports, port, stateDir } = optionsFrom(process.argv.slice(2))
  const config = { ...defaultConfig, transports }
  const { stdin, stdout } = process
  // Only programs of this machine may call: the tools change what its users work on.
  const host = '127.0.0.1'
  const server = await startMcp(mcpParts, { config, host, port, stateDir, stdin, stdout })
  process.stderr.write(`${JSON.stringify({ event: 'ready', url: server.url && `${server.url}/mcp` })}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop())
  // Over stdio alone, the end of the input is the end of the only client.
  if (transports === 'stdio') void server.stdioEnded?.then(() => server.stop())
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\nusage: ${usage}\n`)
  process.exitCode = 1
})
