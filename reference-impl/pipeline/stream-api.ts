import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Admission, Permit } from './admission.ts'
import type { EventStream } from './event-stream.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Metrics } from './metrics.ts'
import { labelOf } from './plan.ts'
import { assertReached, livingPlan, nameStream } from './plan-api.ts'
import type { PlanRegistry } from './plan-registry.ts'
import { Refusal } from './refusal.ts'
import { markerOf, streamHeader } from './reply-headers.ts'
import { startOf } from './request.ts'
import type { Sink } from './sink.ts'
import type { StreamHub } from './stream-hub.ts'
import type { Subscriber } from './subscriber.ts'
import { parseClientFrame } from './web-socket-frame.ts'
import type { WebSocketSink } from './web-socket-sink.ts'

export interface StreamApiOptions {
  transports: readonly Sink['transport'][]
  registry: PlanRegistry
  hub: StreamHub
  admission: Admission
  heartbeat: Heartbeat
  metrics: Metrics
  makeSseSink: (response: ServerResponse) => Sink
  makeWebSocketSink: (webSocket: WebSocket, socket: Duplex) => WebSocketSink
  makeSubscriber: (id: string, sink: Sink) => Subscriber
}

const longestFrameBytes = 1024

/** The requests that subscribe to a plan's events. */
export class StreamApi {
  readonly #options: StreamApiOptions
  readonly #webSockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: longestFrameBytes })
  /** Which life of a plan id each handshake leads to, until its headers are written. */
  readonly #labels = new WeakMap<IncomingMessage, string>()
  #subscribers = 0

  constructor(options: StreamApiOptions) {
    this.#options = options
    this.#webSockets.on('headers', (headers, request) => headers.push(...this.#upgradeHeaders(request)))
  }

  /** Server-sent events. Answers 204, after which an EventSource comes no more, when nothing is left to be sent. */
  async sse(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    this.#assertOffered('sse')
    await this.#admit(request, id, response, (stream, after) => {
      nameStream(response, stream.plan)
      if (stream.ended && after >= stream.lastId) {
        response.writeHead(204).end()
        return null
      }
      return this.#subscriber(id, this.#options.makeSseSink(response))
    })
  }

  /** A WebSocket. Whatever speaks against it must be thrown before the upgrade is done: it is told as an HTTP status. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, id: string): Promise<void> {
    this.#assertOffered('ws')
    await this.#admit(request, id, socket, (stream) => {
      let entered: Subscriber | null = null
      this.#labels.set(request, labelOf(stream.plan))
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        entered = this.#webSocketSubscriber(stream, id, webSocket, socket)
      })
      return entered
    })
  }

  /** Finds the plan's stream and lets a subscriber in, and holds a permit for as long as the connection is open. */
  async #admit(
    request: IncomingMessage,
    id: string,
    connection: { once(event: 'close', listener: () => void): unknown; destroyed: boolean },
    enter: (stream: EventStream, after: number) => Subscriber | null,
  ): Promise<void> {
    const after = startOf(request)
    const permit = this.#options.admission.admitConnection()
    connection.once('close', () => permit.release())
    await releasedOnError(permit, async () => {
      const plan = await livingPlan(this.#options.registry, id)
      await this.#options.hub.subscribe(plan, after, (stream) => {
        assertReached(stream, after)
        // The client may have left while its plan was looked for.
        return connection.destroyed ? null : enter(stream, after)
      })
    })
  }

  #assertOffered(transport: Sink['transport']): void {
    if (this.#options.transports.includes(transport)) return
    throw new Refusal(
      501,
      `${transport === 'ws' ? 'WebSockets' : 'event streams'} are not offered here; ask for events`,
    )
  }

  #upgradeHeaders(request: IncomingMessage): string[] {
    const headers = { ...markerOf(request), [streamHeader]: this.#labels.get(request) }
    return Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  }

  #webSocketSubscriber(stream: EventStream, id: string, webSocket: WebSocket, socket: Duplex): Subscriber {
    const sink = this.#options.makeWebSocketSink(webSocket, socket)
    const subscriber = this.#subscriber(id, sink)
    // A broken connection is followed by 'close', which says all that we need to know.
    webSocket.on('error', () => {})
    webSocket.on('message', (data) => this.#hear(stream, subscriber, sink, String(data)))
    return subscriber
  }

  #hear(stream: EventStream, subscriber: Subscriber, sink: WebSocketSink, text: string): void {
    const frame = parseClientFrame(text, stream.lastId)
    if (frame.type === 'resume') subscriber.rewind(frame.after)
    else if (frame.type === 'ack') subscriber.acked = frame.id
    else if (frame.type === 'stop') subscriber.close('stopped')
    else {
      sink.error(frame.message)
      subscriber.close('malformed')
    }
  }

  #subscriber(planId: string, sink: Sink): Subscriber {
    const subscriber = this.#options.makeSubscriber(`${planId}/${sink.transport}-${++this.#subscribers}`, sink)
    this.#options.heartbeat.watch(subscriber)
    return subscriber
  }
}

async function releasedOnError(permit: Permit, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    permit.release()
    throw error
  }
}
