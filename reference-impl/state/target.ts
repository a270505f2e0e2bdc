import { defineTarget } from 'raceproof'
import { builtFile } from '../sync/built-file.ts'
import { components } from './components.ts'
import { defaultConfig } from './config.ts'
import { stateDefects } from './defects/state-defects.ts'
import { madeBy } from './defects/thread-parts.ts'
import { startServer } from './server.ts'
import { StateClient } from './target-client.ts'
import { InThreadPool } from './target-in-thread-pool.ts'
import { stubbornProgram } from './target-programs.ts'

/** Services, one test, simulations and analyses: state that an event loop and worker threads share. */
export const state = defineTarget({
  name: 'state',
  about: 'shares the state of services, tests, simulations and analyses between its event loop and worker threads',
  module: import.meta.url,
  parts: components,
  config: defaultConfig,
  start({ parts, config, host, port }) {
    const name = madeBy(parts)
    const module = 'reference-impl/state/defects/thread-parts'
    const threadParts = name === null ? null : { module: builtFile(module), name }
    return startServer(parts, { config, host, port, threadParts })
  },
  client: (context) => new StateClient(context),
  defects: stateDefects,
  readyPath: '/healthz',
  saturationPath: '/api/simulations',
  sim: {
    parts: { WorkerPool: InThreadPool },
    config: { workers: 4, datasetPoints: 50 },
    programs: { 'stubborn-test': stubbornProgram },
  },
})
