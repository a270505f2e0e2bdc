import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { json } from 'node:stream/consumers'
import { CallAbandoned, CallFailed, type ClientContext } from 'raceproof'
import type { Activity } from './activity-log.ts'
import type { JobRecord } from './job-table.ts'
import { markerHeader } from './router.ts'
import type { ServiceStatus } from './service-status-manager.ts'
import type { BoardState } from './status-board.ts'
import type { TestState } from './test-execution-manager.ts'
import type { TestRequest } from './test-runner.ts'

/** What every answer brings beside its content: the marker of the request that it answers. */
export interface Marked {
  marker: string | undefined
}

type Method = 'GET' | 'POST' | 'PUT'

interface Answer {
  status: number
  marker: string | undefined
  body: unknown
}

/** A client of the state server, each operation of which is one recorded call. */
export class StateClient {
  readonly #context: ClientContext
  #sent = 0

  constructor(context: ClientContext) {
    this.#context = context
  }

  services(): Promise<Marked & { services: Record<string, ServiceStatus> }> {
    return this.#call('services', 'GET', '/api/services', {}, (services) => ({ services }))
  }

  service(name: string): Promise<Marked & { name: string; status: ServiceStatus; running: boolean }> {
    return this.#call('service', 'GET', `/api/services/${name}`, {}, same, { name })
  }

  setService(name: string, status: ServiceStatus): Promise<Marked & { name: string; status: ServiceStatus }> {
    return this.#call('setService', 'PUT', `/api/services/${name}`, { status }, same, { name })
  }

  /** Sets several statuses in one step. */
  updateServices(
    statuses: Record<string, ServiceStatus>,
  ): Promise<Marked & { services: Record<string, ServiceStatus> }> {
    return this.#call('updateServices', 'PUT', '/api/services', statuses, (services) => ({ services }))
  }

  /** Turns several services over in one step. */
  toggleServices(names: readonly string[]): Promise<Marked & { services: Record<string, ServiceStatus> }> {
    return this.#call('toggleServices', 'POST', '/api/services/toggle', { services: names }, (services) => ({
      services,
    }))
  }

  /** The services and what changed lately. */
  activity(): Promise<Marked & Activity> {
    return this.#call('activity', 'GET', '/api/activity')
  }

  /** Brings all services and the test down, in one step. */
  allDown(): Promise<Marked & BoardState> {
    return this.#call('allDown', 'POST', '/api/status/all-down')
  }

  startTest(test: TestRequest): Promise<Marked & TestState> {
    return this.#call('startTest', 'POST', '/api/test/start', test)
  }

  stopTest(): Promise<Marked & TestState> {
    return this.#call('stopTest', 'POST', '/api/test/stop')
  }

  testStatus(): Promise<Marked & TestState> {
    return this.#call('testStatus', 'GET', '/api/test/status')
  }

  startSimulation(simulation: { id: string; seed?: number; steps?: number }): Promise<Marked & JobRecord> {
    return this.#call('startSimulation', 'POST', '/api/simulations', simulation)
  }

  simulation(id: string): Promise<Marked & JobRecord> {
    return this.#call('simulation', 'GET', `/api/simulations/${id}`, {}, same, { id })
  }

  /** Waits until a simulation has ended. */
  simulationEnd(id: string): Promise<Marked & JobRecord> {
    return this.#call('simulationEnd', 'GET', `/api/simulations/${id}/end`, {}, same, { id })
  }

  stopSimulation(id: string): Promise<Marked & JobRecord> {
    return this.#call('stopSimulation', 'POST', `/api/simulations/${id}/stop`, {}, same, { id })
  }

  listSimulations(): Promise<Marked & { jobs: JobRecord[] }> {
    return this.#call('listSimulations', 'GET', '/api/simulations')
  }

  startAnalysis(analysis: {
    id: string
    dataset?: string
    seed?: number
    steps?: number
  }): Promise<Marked & JobRecord> {
    return this.#call('startAnalysis', 'POST', '/api/analyses', analysis)
  }

  analysis(id: string): Promise<Marked & JobRecord> {
    return this.#call('analysis', 'GET', `/api/analyses/${id}`, {}, same, { id })
  }

  /** Waits until an analysis has ended. */
  analysisEnd(id: string): Promise<Marked & JobRecord> {
    return this.#call('analysisEnd', 'GET', `/api/analyses/${id}/end`, {}, same, { id })
  }

  restartAnalysis(id: string): Promise<Marked & JobRecord> {
    return this.#call('restartAnalysis', 'POST', `/api/analyses/${id}/restart`, {}, same, { id })
  }

  stopAnalysis(id: string): Promise<Marked & JobRecord> {
    return this.#call('stopAnalysis', 'POST', `/api/analyses/${id}/stop`, {}, same, { id })
  }

  listAnalyses(): Promise<Marked & { jobs: JobRecord[] }> {
    return this.#call('listAnalyses', 'GET', '/api/analyses')
  }

  cleanupAnalyses(olderThanMs: number): Promise<Marked & { removed: string[] }> {
    return this.#call('cleanupAnalyses', 'POST', '/api/analyses/cleanup', { olderThanMs })
  }

  /** Records one call: what is sent (and what is only in the path) is its input, the answer its output. */
  #call<Output extends object>(
    f: string,
    method: Method,
    path: string,
    body: object = {},
    outputOf: (body: never) => object = same,
    more: object = {},
  ): Promise<Marked & Output> {
    const marker = `${this.#context.id}-${++this.#sent}`
    const run = async () => {
      const answer = await this.#exchange(method, path, marker, body)
      return { marker: answer.marker, ...outputOf(contentOf(answer) as never) } as Marked & Output
    }
    return this.#context.call(f, { marker, ...more, ...body }, run, { readOnly: method === 'GET' })
  }

  async #exchange(method: Method, path: string, marker: string, body: object): Promise<Answer> {
    const { agent, url, signal } = this.#context
    const headers = { [markerHeader]: marker, 'content-type': 'application/json' }
    try {
      const response = await send(
        `${url}${path}`,
        { method, agent, signal, headers },
        method === 'GET' ? '' : JSON.stringify(body),
      )
      const echo = response.headers[markerHeader] as string | undefined
      return { status: response.statusCode as number, marker: echo, body: await json(response) }
    } catch (error) {
      throw signal.aborted ? new CallAbandoned() : asCallError(error as NodeJS.ErrnoException)
    }
  }
}

function send(url: string, options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest(url, options, resolve).once('error', reject).end(body)
  })
}

/** Nobody listens there, so nothing can have happened; after any other error nobody knows. */
function asCallError(error: NodeJS.ErrnoException): Error {
  return error.code === 'ECONNREFUSED' ? new CallFailed(error.message) : error
}

/** What a good answer says. A refusal certainly had no effect; after a server error nobody knows. */
function contentOf({ status, body }: Answer): object {
  const { error } = body as { error?: string }
  if (status < 400) return body as object
  const message = `${status}: ${error ?? 'no reason was given'}`
  throw status < 500 || status === 503 ? new CallFailed(message, status) : Object.assign(new Error(message), { status })
}

function same(body: object): object {
  return body
}
