import { defineTarget } from 'raceproof'
import { clientParts } from './client/parts.ts'
import { pipelineDefaults } from './config.ts'
import { firstDisconnectTearsDown } from './defects/first-disconnect-tears-down.ts'
import { lateOutputLost } from './defects/late-output-lost.ts'
import { streamCleanupToctou } from './defects/stream-cleanup-toctou.ts'
import { pipelineParts, startPipeline } from './server.ts'
import { PipelineClient } from './target-client.ts'

/** Plans run as subprocesses, watched over SSE, WebSocket and REST. */
export const pipeline = defineTarget({
  name: 'pipeline',
  about: 'runs plans as subprocesses and streams their output over SSE, WebSocket and REST',
  module: import.meta.url,
  parts: { ...pipelineParts, ...clientParts },
  config: pipelineDefaults,
  start: ({ parts, config, host, port, dataDir }) => startPipeline(parts, { config, host, port, dataDir }),
  client: (context) => new PipelineClient(context),
  defects: [streamCleanupToctou, firstDisconnectTearsDown, lateOutputLost],
  readyPath: '/healthz',
})
