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

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** What answers requests, of one server. */
interface Answering {
  plans: PlanApi
  streams: StreamApi
  health: Handler
  metrics: Handler
}

interface Route {
  path: string
  answer(by: Answering, request: IncomingMessage, response: ServerResponse, id: string): void | Promise<void>
}

export interface RouterOptions {
  plans: PlanApi
  streams: StreamApi
  metrics: Metrics
  errors: ErrorReporter
  health: Handler
}

const methods = ['GET', 'POST', 'DELETE'] as const

/** The same for all servers of a process: to make it takes longer than to serve a few requests. */
const routes = routesOf({
  'POST /api/plans': ({ plans }, request, response) => plans.create(request, response),
  'GET /api/plans': ({ plans }, request, response) => plans.list(request, response),
  'GET /api/plans/:id': ({ plans }, request, response, id) => plans.show(request, response, id),
  'DELETE /api/plans/:id': ({ plans }, request, response, id) => plans.remove(request, response, id),
  'GET /api/plans/:id/events': ({ plans }, request, response, id) => plans.events(request, response, id),
  'GET /api/plans/:id/stream-status': ({ plans }, request, response, id) => plans.status(request, response, id),
  'GET /api/plans/:id/stream': ({ streams }, request, response, id) => streams.sse(request, response, id),
  'GET /api/plans/:id/ws': () => {
    throw new Refusal(426, 'this is a WebSocket; ask for an upgrade')
  },
  'GET /healthz': ({ health }, request, response) => health(request, response),
  'GET /metrics': ({ metrics }, request, response) => metrics(request, response),
})

function routesOf(answers: Record<`${HTTPMethod} ${string}`, Route['answer']>) {
  const table = findMyWay()
  for (const [place, answer] of Object.entries(answers)) {
    const [method, path] = place.split(' ') as [HTTPMethod, string]
    table.on(method, path, () => {}, { path, answer } satisfies Route)
  }
  return table
}

/** Which request is answered by what, and how refusals and errors are told. */
export class Router {
  readonly #answering: Answering
  readonly #metrics: Metrics
  readonly #errors: ErrorReporter
  readonly #inHand = new Set<Promise<void>>()

  constructor({ plans, streams, metrics, errors, health }: RouterOptions) {
    this.#answering = { plans, streams, health, metrics: (_request, response) => this.#showMetrics(response) }
    this.#metrics = metrics
    this.#errors = errors
  }

  /** Answers a request; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#track(this.#answer(request, response))
  }

  /** Answers a request for a WebSocket; never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    return this.#track(this.#upgrade(request, socket, head))
  }

  /** Resolves when no request is in hand, also none whose client has gone since. */
  async settled(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.all(this.#inHand)
  }

  #track(work: Promise<void>): Promise<void> {
    this.#inHand.add(work)
    return work.finally(() => this.#inHand.delete(work))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now()
    response.setHeaders(new Map(Object.entries(markerOf(request))))
    const found = routes.find(request.method as HTTPMethod, pathOf(request))
    const route = found?.store as Route | undefined
    try {
      if (route === undefined) throw this.#noRoute(request, response)
      await route.answer(this.#answering, request, response, found?.params.id ?? '')
    } catch (error) {
      this.#fail(request, response, error)
    }
    const seconds = (performance.now() - startedMs) / 1000
    this.#metrics.answered(request.method ?? '', route?.path ?? 'none', response.statusCode, seconds)
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the WebSocket takes the socket over, nobody else listens to it.
    socket.on('error', () => {})
    try {
      const found = routes.find('GET', pathOf(request))
      const path = (found?.store as Route | undefined)?.path
      if (path !== '/api/plans/:id/ws') throw new Refusal(404, `there is no WebSocket at ${pathOf(request)}`)
      await this.#answering.streams.upgrade(request, socket, head, found?.params.id ?? '')
    } catch (error) {
      refuseUpgrade(socket, this.#refusalOf(request, error), markerOf(request))
    }
  }

  #noRoute(request: IncomingMessage, response: ServerResponse): Refusal {
    const path = pathOf(request)
    const allowed = methods.filter((method) => routes.find(method, path))
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
