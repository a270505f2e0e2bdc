import type http from 'node:http'
import type { Socket } from 'node:net'
import { active } from '../active.ts'
import { VirtualTimer } from '../core/virtual-timer.ts'
import { nodeHttp } from '../node-internals.ts'

/** The parser of a server's connection, as far as its clock is concerned. */
interface Parser {
  [onMessageBegin: number]: unknown
  onIncoming: (request: http.IncomingMessage, keepsAlive: boolean) => unknown
  constructor: { kOnMessageBegin: number }
}

type HttpSocket = Socket & { parser?: Parser | null }
type Checked = http.Server & { connectionsCheckingInterval: number; [key: symbol]: unknown }

/**
 * The server's `headersTimeout` and `requestTimeout`. Node keeps both by the native clock and checks them by a timer
 * that cannot be replaced, so inside a schedule they are kept here: the same rules, the same interval, virtual time.
 */
export function patchHttpTimeOuts(): void {
  const { prototype } = nodeHttp().Server
  const emit = prototype.emit as (this: http.Server, event: string, ...args: unknown[]) => boolean
  prototype.emit = function (this: Checked, event: string, ...args: unknown[]) {
    const answer = emit.call(this, event, ...args)
    if (active.current === undefined) return answer
    if (event === 'listening') {
      replaceChecker(this)
      orderConnections(this)
    } else if (event === 'connection') watch(this, args[0] as HttpSocket)
    return answer
  } as typeof prototype.emit
}

interface ConnectionList {
  all(): { socket: HttpSocket }[]
  idle(): { socket: HttpSocket }[]
}

/** When the message that a connection is reading began, by the schedule's clock. */
class MessageClock {
  #startedMs: number
  #hasHeaders = false
  #request: http.IncomingMessage | undefined

  constructor(nowMs: number) {
    this.#startedMs = nowMs
  }

  begin(nowMs: number): void {
    this.#startedMs = nowMs
    this.#hasHeaders = false
    this.#request = undefined
  }

  headersAreIn(request: http.IncomingMessage): void {
    this.#hasHeaders = true
    this.#request = request
  }

  hasExpired(nowMs: number, { headersTimeout, requestTimeout }: http.Server): boolean {
    if (this.#request?.complete) return false
    const passedMs = nowMs - this.#startedMs
    if (headersTimeout > 0 && !this.#hasHeaders && passedMs > headersTimeout) return true
    return requestTimeout > 0 && passedMs > requestTimeout
  }
}

const clocks = new WeakMap<Checked, Map<HttpSocket, MessageClock>>()

function replaceChecker(server: Checked): void {
  const slot = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connectionsCheckingInterval',
  )
  const { current, real } = active
  if (slot === undefined || current === undefined) return
  real.clearInterval(server[slot] as NodeJS.Timeout)
  // Node's own `close` clears what lies here.
  server[slot] = new VirtualTimer(current, {
    callback: () => check(server),
    delay: server.connectionsCheckingInterval,
    repeats: true,
    ref: false,
  })
}

/** The native list of connections is ordered by their addresses in memory; here they come in the order of arrival. */
function orderConnections(server: Checked): void {
  const slot = Object.getOwnPropertySymbols(server).find(({ description }) => description === 'http.server.connections')
  const list = slot && (server[slot] as ConnectionList | undefined)
  if (list === undefined) return
  for (const name of ['all', 'idle'] as const) {
    const native = list[name]
    Object.defineProperty(list, name, { value: () => inOrder(native.call(list), server) })
  }
}

function inOrder(parsers: { socket: HttpSocket }[], server: Checked): { socket: HttpSocket }[] {
  const arrival = [...(clocks.get(server)?.keys() ?? [])]
  return parsers.sort((one, other) => arrival.indexOf(one.socket) - arrival.indexOf(other.socket))
}

function watch(server: Checked, socket: HttpSocket): void {
  const { parser } = socket
  const simulation = active.current
  if (!parser || simulation === undefined) return
  const clock = new MessageClock(simulation.nowMs)
  const connections = clocks.get(server) ?? new Map<HttpSocket, MessageClock>()
  clocks.set(server, connections.set(socket, clock))
  socket.once('close', () => connections.delete(socket))
  const { onIncoming } = parser
  // Named before they are assigned: V8 makes a function that is written straight into a property among the old objects, where
  // only a full collection finds it, and until then it keeps the schedule that it can reach.
  const headersCome: Parser['onIncoming'] = (request, keepsAlive) => {
    clock.headersAreIn(request)
    return onIncoming(request, keepsAlive)
  }
  const messageBegins = () => clock.begin(simulation.nowMs)
  parser.onIncoming = headersCome
  parser[parser.constructor.kOnMessageBegin] = messageBegins
}

function check(server: Checked): void {
  const { current } = active
  if (current === undefined) return
  for (const [socket, clock] of clocks.get(server) ?? []) {
    if (socket.parser && clock.hasExpired(current.nowMs, server)) timeOut(socket)
  }
}

/** What Node does: the socket's own error handler tells `clientError` listeners, or answers 408 and hangs up. */
function timeOut(socket: HttpSocket): void {
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  const handler = socket.listeners('error').find(({ name }) => name === 'socketOnError')
  handler?.call(socket, error)
}
