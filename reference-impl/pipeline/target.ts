import { defineTarget } from 'raceproof'
import { clientParts } from './client/parts.ts'
import { pipelineDefaults } from './config.ts'
import { pipelineDefects } from './defects/pipeline-defects.ts'
import { pipelineParts, startPipeline } from './server.ts'
import { PipelineClient } from './target-client.ts'
import { dotsProgram, emitProgram } from './target-programs.ts'
import { SqliteInThread } from './target-sqlite-in-thread.ts'

/** Plans run as subprocesses, watched over SSE, WebSocket and REST. */
export const pipeline = defineTarget({
  name: 'pipeline',
  about: 'runs plans as subprocesses and streams their output over SSE, WebSocket and REST',
  module: import.meta.url,
  parts: { ...pipelineParts, ...clientParts },
  config: pipelineDefaults,
  start: ({ parts, config, host, port, dataDir }) => startPipeline(parts, { config, host, port, dataDir }),
  client: (context) => new PipelineClient(context),
  defects: pipelineDefects,
  readyPath: '/healthz',
  sim: {
    parts: { SqliteDatabase: SqliteInThread },
    programs: { emit: emitProgram, dots: dotsProgram, 'no-such-command': null },
  },
})
