import { parseArgs } from 'node:util'
import { pipelineParts, startPipeline } from './server.ts'

// The server as a program: `node dist/reference-impl/pipeline/main.js --port 8080 --data-dir ./data`.
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'data-dir': { type: 'string' },
  },
})

const port = Number(values.port)
if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
  throw new RangeError(`--port must be a whole number from 0 to 65535, got '${values.port}'`)
}
const server = await startPipeline(pipelineParts, { port, host: values.host, dataDir: values['data-dir'] })
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.stop())
