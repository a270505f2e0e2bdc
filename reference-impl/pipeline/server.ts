import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Admission } from './admission.ts'
import { type PipelineConfig, pipelineDefaults } from './config.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { Database } from './database.ts'
import { ErrorReporter } from './error-reporter.ts'
import { EventJournal } from './event-journal.ts'
import { EventStream } from './event-stream.ts'
import { Heartbeat } from './heartbeat.ts'
import { Metrics } from './metrics.ts'
import { OutputReader } from './output-reader.ts'
import { PlanApi, sendJson } from './plan-api.ts'
import { PlanLocks } from './plan-locks.ts'
import { PlanRegistry } from './plan-registry.ts'
import { PlanStore } from './plan-store.ts'
import { ProcessRunner } from './process-runner.ts'
import { ReplayBuffer } from './replay-buffer.ts'
import { Router } from './router.ts'
import { Shutdown } from './shutdown.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { SseSink } from './sse-sink.ts'
import { StreamApi } from './stream-api.ts'
import { StreamHub } from './stream-hub.ts'
import { Subscriber } from './subscriber.ts'
import { WebSocketSink } from './web-socket-sink.ts'

/** The classes that the server is made of; a variant of the server replaces one of them. */
export const pipelineParts = {
  Admission,
  ConnectionPool,
  ErrorReporter,
  EventJournal,
  EventStream,
  Heartbeat,
  Metrics,
  OutputReader,
  PlanApi,
  PlanLocks,
  PlanRegistry,
  PlanStore,
  ProcessRunner,
  ReplayBuffer,
  Router,
  Shutdown,
  SqliteDatabase,
  SseSink,
  StreamApi,
  StreamHub,
  Subscriber,
  WebSocketSink,
}

export type PipelineParts = typeof pipelineParts

export interface PipelineOptions {
  /** What differs from the defaults. */
  config?: Partial<PipelineConfig>
  host?: string
  /** 0, the default, means any free one. */
  port?: number
  /** Where the embedded database is kept; in memory when it is left out. */
  dataDir?: string
  /** Another database than the embedded one. */
  database?: Database
}

export interface RunningServer {
  readonly url: string
  /** Stops gracefully; resolves when nothing is left open. */
  stop(): Promise<void>
}

/** Starts the server and resolves when it listens. Rejects when the database cannot be opened or the port is taken. */
export async function startPipeline(parts: PipelineParts, options: PipelineOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0 } = options
  const { http, store, shutdown } = assemble(parts, options)
  try {
    await store.open()
    await listen(http, port, host)
  } catch (error) {
    await shutdown.run()
    throw error
  }
  const address = http.address() as AddressInfo
  return { url: `http://${host}:${address.port}`, stop: () => shutdown.run() }
}

function assemble(parts: PipelineParts, options: PipelineOptions) {
  const config = { ...pipelineDefaults, ...options.config }
  const errors = new parts.ErrorReporter()
  const metrics = new parts.Metrics()
  const admission = new parts.Admission(config)
  const pool = openPool(parts, config, options)
  const store = new parts.PlanStore(pool, config)
  const hub = assembleHub(parts, config, store, errors)
  const runner = new parts.ProcessRunner({
    drainTimeoutMs: config.drainTimeoutMs,
    makeReader: (id) => new parts.OutputReader(id, config),
  })
  const locks = new parts.PlanLocks()
  const registry = new parts.PlanRegistry({ ...config, locks, store, hub, runner, admission, metrics, errors })
  const streams = assembleStreamApi(parts, config, { registry, hub, admission, metrics })
  const plans = new parts.PlanApi({ registry, hub, maxBodyBytes: config.maxBodyBytes })
  metrics.observe(admission, hub)
  const router = new parts.Router({ plans, streams, metrics, errors, health: healthOf(admission) })
  const http = createServer((request, response) => router.handle(request, response))
  http.on('upgrade', (request, socket, head) => router.upgrade(request, socket, head))
  const shutdown = new parts.Shutdown({ ...config, admission, registry, hub, http, router, pool })
  return { http, store, shutdown }
}

function openPool(
  parts: PipelineParts,
  config: PipelineConfig,
  { dataDir, database }: PipelineOptions,
): ConnectionPool {
  const file = dataDir === undefined ? null : join(dataDir, 'pipeline.db')
  return new parts.ConnectionPool(database ?? new parts.SqliteDatabase(file, { maxBytes: config.databaseMaxBytes }), {
    maxConnections: config.databaseConnections,
    waitMs: config.databaseWaitMs,
  })
}

function assembleHub(parts: PipelineParts, config: PipelineConfig, store: PlanStore, errors: ErrorReporter): StreamHub {
  const journal = new parts.EventJournal(store, config)
  return new parts.StreamHub({
    ...config,
    store,
    errors,
    makeStream: (options) => {
      const buffer = new parts.ReplayBuffer({ maxEvents: config.replayEvents, maxBytes: config.replayBytes })
      return new parts.EventStream({ ...options, journal, store, buffer, errors })
    },
  })
}

function assembleStreamApi(
  parts: PipelineParts,
  config: PipelineConfig,
  made: { registry: PlanRegistry; hub: StreamHub; admission: Admission; metrics: Metrics },
): StreamApi {
  return new parts.StreamApi({
    ...made,
    transports: config.transports,
    heartbeat: new parts.Heartbeat(config),
    makeSseSink: (response) => new parts.SseSink(response, config),
    makeWebSocketSink: (webSocket, socket) => new parts.WebSocketSink(webSocket, socket, config),
    makeSubscriber: (id, sink) =>
      new parts.Subscriber(id, sink, {
        queueEvents: config.subscriberQueueEvents,
        queueBytes: config.subscriberQueueBytes,
        slowReaderMs: config.slowReaderMs,
        onClosing: (transport, reason) => made.metrics.disconnected(transport, reason),
      }),
  })
}

function healthOf(admission: Admission) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    const { stopping, runningPlans, connections } = admission
    sendJson(response, stopping ? 503 : 200, { status: stopping ? 'stopping' : 'ok', runningPlans, connections })
  }
}

function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      resolve()
    })
  })
}
