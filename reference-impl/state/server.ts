import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Assembly, assemble } from './assembly.ts'
import type { Components } from './components.ts'
import { defaultConfig, type StateConfig } from './config.ts'
import { analysesApi, simulationsApi } from './jobs-api.ts'
import type { Route } from './route.ts'
import { Router } from './router.ts'
import { servicesApi } from './services-api.ts'
import { statusApi } from './status-api.ts'
import { testApi } from './test-api.ts'
import type { ThreadPartsSource } from './worker-message.ts'

export interface ServerOptions {
  /** What differs from the defaults. */
  config?: Partial<StateConfig>
  host?: string
  /** 0, the default, means any free one. */
  port?: number
  /** Where worker threads find their parts, when those are not the usual ones. */
  threadParts?: ThreadPartsSource | null
}

export interface RunningServer {
  readonly url: string
  /** Stops gracefully: requests are answered, jobs and tests stopped, worker threads ended. */
  stop(): Promise<void>
}

/** Starts the server, and resolves when it listens and all its worker threads run. Rejects when the port is taken. */
export async function startServer(parts: Components, options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, threadParts = null } = options
  const config = { ...defaultConfig, ...options.config }
  const assembly = assemble(parts, config, threadParts)
  const router = new Router(routesOf(assembly, config))
  const http = createServer((request, response) => router.handle(request, response))
  try {
    await assembly.pool.start(config.workers)
    await listen(http, port, host)
  } catch (error) {
    await stop(http, assembly)
    throw error
  }
  const address = http.address() as AddressInfo
  let stopped: Promise<void> | undefined
  return {
    url: `http://${host}:${address.port}`,
    stop: () => {
      stopped ??= stop(http, assembly)
      return stopped
    },
  }
}

function routesOf(
  { services, activity, testRunner, board, simulations, analyses, datasets }: Assembly,
  config: StateConfig,
): Route[] {
  return [
    { method: 'GET', path: '/healthz', answer: async () => ({ status: 200, body: { status: 'ok' } }) },
    ...servicesApi(services, activity),
    ...testApi(testRunner),
    ...statusApi(board, testRunner),
    ...simulationsApi(simulations, config.maxSteps),
    ...analysesApi(analyses, datasets, config.maxSteps),
  ]
}

async function stop(http: Server, { testRunner, simulations, analyses, pool }: Assembly): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()))
  http.closeIdleConnections()
  await Promise.all([testRunner.close(), simulations.close(), analyses.close()])
  await pool.stop()
  http.closeIdleConnections()
  await closed
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
