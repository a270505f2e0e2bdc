import { parseArgs } from 'node:util'
import { components } from './components.ts'
import { startServer } from './server.ts'

// The server as a program: `node dist/reference-impl/state/main.js --port 8080`. SIGTERM drains it.
const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' } },
})
const port = Number(values.port)
if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
  throw new RangeError(`--port must be a whole number from 0 to 65535, got '${values.port}'`)
}
const server = await startServer(components, { port, host: values.host })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop())
