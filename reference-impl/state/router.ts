import type { IncomingMessage, ServerResponse } from 'node:http'
import findMyWay, { type HTTPMethod } from 'find-my-way'
import { errors } from 'raceproof/probe'
import { Refusal } from './refusal.ts'
import { type Reply, type Route, readBody } from './route.ts'

/** A client may name its request in this header; the reply bears the same name. */
export const markerHeader = 'x-request-marker'

const methods = ['GET', 'POST', 'PUT'] as const

/** Which request is answered by what, and how refusals and errors are told. */
export class Router {
  readonly #routes = findMyWay()

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#routes.on(route.method, route.path, () => {}, route)
  }

  /** Answers a request; never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const marker = request.headers[markerHeader]
    if (marker !== undefined) response.setHeader(markerHeader, marker)
    try {
      send(response, await this.#answer(request, response))
    } catch (thrown) {
      this.#refuse(request, response, refusalOf(request, thrown))
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<Reply> {
    const path = pathOf(request)
    const found = this.#routes.find(request.method as HTTPMethod, path)
    if (found === null) throw this.#noRoute(request, response, path)
    const route = found.store as Route
    return route.answer({ id: found.params.id ?? '', body: (schema) => readBody(request, schema) })
  }

  #noRoute({ method }: IncomingMessage, response: ServerResponse, path: string): Refusal {
    const allowed = methods.filter((other) => this.#routes.find(other, path) !== null)
    if (allowed.length === 0) return new Refusal(404, `there is nothing at ${path}`)
    response.setHeader('allow', allowed.join(', '))
    return new Refusal(405, `${path} answers ${allowed.join(' and ')}, not ${method}`)
  }

  #refuse(request: IncomingMessage, response: ServerResponse, { status, message, retryAfterS }: Refusal): void {
    if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS))
    // The rest of a body that was refused is not read, so the connection cannot serve another request.
    if (!request.complete && hasBody(request)) response.setHeader('connection', 'close')
    send(response, { status, body: { error: message } })
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] as string
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function refusalOf(request: IncomingMessage, thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown
  // A client that went away in the middle of its request is no error of the server.
  if (!request.destroyed || request.complete) {
    const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown))
    if (errors.hasSubscribers) errors.publish({ where: `${request.method} ${request.url}`, message, stack })
  }
  return new Refusal(500, 'the server met an internal error')
}
