import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HTTPMethod } from 'find-my-way'
import findMyWay from 'find-my-way'
import type { ErrorReporter } from './error-reporter.ts'
import type { Metrics } from './metrics.ts'
import { type PlanApi, sendJson } from './plan-api.ts'
import { Refusal } from './refusal.ts'
import { markerOf } from './reply-headers.ts'
import type { StreamApi } from './stream-api.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, id: string) => void | Promise<void>

interface Route {
  path: string
  answer: Answer
}

export interface RouterOptions {
  plans: PlanApi
  streams: StreamApi
  metrics: Metrics
  errors: ErrorReporter
  health: Answer
}

const methods = ['GET', 'POST', 'DELETE'] as const

/** Which request is answered by what, and how refusals and errors are told. */
export class Router {
  readonly #routes = findMyWay()
  readonly #streams: StreamApi
  readonly #metrics: Metrics
  readonly #errors: ErrorReporter

  constructor({ plans, streams, metrics, errors, health }: RouterOptions) {
    this.#streams = streams
    this.#metrics = metrics
    this.#errors = errors
    this.#on('POST', '/api/plans', (request, response) => plans.create(request, response))
    this.#on('GET', '/api/plans', (request, response) => plans.list(request, response))
    this.#on('GET', '/api/plans/:id', (request, response, id) => plans.show(request, response, id))
    this.#on('DELETE', '/api/plans/:id', (request, response, id) => plans.remove(request, response, id))
    this.#on('GET', '/api/plans/:id/events', (request, response, id) => plans.events(request, response, id))
    this.#on('GET', '/api/plans/:id/stream-status', (request, response, id) => plans.status(request, response, id))
    this.#on('GET', '/api/plans/:id/stream', (request, response, id) => streams.sse(request, response, id))
    this.#on('GET', '/api/plans/:id/ws', () => {
      throw new Refusal(426, 'this is a WebSocket; ask for an upgrade')
    })
    this.#on('GET', '/healthz', health)
    this.#on('GET', '/metrics', (_request, response) => this.#showMetrics(response))
  }

  /** Answers a request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now()
    response.setHeaders(new Map(Object.entries(markerOf(request))))
    const found = this.#routes.find(request.method as HTTPMethod, pathOf(request))
    const route = found?.store as Route | undefined
    try {
      if (route === undefined) throw this.#noRoute(request, response)
      await route.answer(request, response, found?.params.id ?? '')
    } catch (error) {
      this.#fail(request, response, error)
    }
    const seconds = (performance.now() - startedMs) / 1000
    this.#metrics.answered(request.method ?? '', route?.path ?? 'none', response.statusCode, seconds)
  }

  /** Answers a request for a WebSocket; never throws. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the WebSocket takes the socket over, nobody else listens to it.
    socket.on('error', () => {})
    try {
      const found = this.#routes.find('GET', pathOf(request))
      const path = (found?.store as Route | undefined)?.path
      if (path !== '/api/plans/:id/ws') throw new Refusal(404, `there is no WebSocket at ${pathOf(request)}`)
      await this.#streams.upgrade(request, socket, head, found?.params.id ?? '')
    } catch (error) {
      refuseUpgrade(socket, this.#refusalOf(request, error), markerOf(request))
    }
  }

  #on(method: HTTPMethod, path: string, answer: Answer): void {
    this.#routes.on(method, path, () => {}, { path, answer } satisfies Route)
  }

  #noRoute(request: IncomingMessage, response: ServerResponse): Refusal {
    const path = pathOf(request)
    const allowed = methods.filter((method) => this.#routes.find(method, path))
    if (allowed.length === 0) return new Refusal(404, `there is nothing at ${path}`)
    response.setHeader('allow', allowed.join(', '))
    return new Refusal(405, `${path} answers ${allowed.join(' and ')}, not ${request.method}`)
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const { status, message, retryAfterS } = this.#refusalOf(request, error)
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS))
    // The rest of a body that was refused is not read, so the connection cannot serve another request.
    if (!request.complete) response.setHeader('connection', 'close')
    sendJson(response, status, { error: message })
  }

  #refusalOf(request: IncomingMessage, error: unknown): Refusal {
    if (error instanceof Refusal) return error
    if (!request.destroyed || request.complete) this.#errors.report(`${request.method} ${request.url}`, error)
    return new Refusal(500, 'the server met an internal error')
  }

  async #showMetrics(response: ServerResponse): Promise<void> {
    const text = await this.#metrics.text()
    response.writeHead(200, { 'content-type': this.#metrics.contentType }).end(text)
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string
}

function refuseUpgrade(
  socket: Duplex,
  { status, message, retryAfterS }: Refusal,
  headers: Record<string, string>,
): void {
  const body = JSON.stringify({ error: message })
  const head = [
    `HTTP/1.1 ${status} ${message.replaceAll(/[^\x20-\x7e]/g, '?')}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(retryAfterS === undefined ? [] : [`retry-after: ${retryAfterS}`]),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
