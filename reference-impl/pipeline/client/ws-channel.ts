import type { IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { admissionOf } from './admission.ts'
import type { Channel, ChannelListener, Connection, Reach, Subscribe } from './channel.ts'
import { type Frame, Hearing } from './hearing.ts'
import { refusalOf } from './http.ts'
import { ChannelBlocked } from './refusal.ts'

/** Hears a plan over a WebSocket. */
export class WsChannel implements Channel {
  readonly via = 'ws'
  readonly #reach: Reach

  constructor(reach: Reach) {
    this.#reach = reach
  }

  async open({ planId, after, signal, headers = {} }: Subscribe, listener: ChannelListener): Promise<Connection> {
    signal?.throwIfAborted()
    const { url, connect = () => connectTo(url) } = this.#reach
    const socket = connect()
    const address = `${url.replace(/^http/, 'ws')}/api/plans/${encodeURIComponent(planId)}/ws?after=${after}`
    const ws = new WebSocket(address, { createConnection: () => socket, headers, perMessageDeflate: false })
    terminateOn(ws, signal)
    const connection = await accepted(ws, socket, new Hearing(listener))
    // From the next tick on, when the caller holds the connection: frames may have come together with the acceptance.
    ws.resume()
    return connection
  }
}

function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({ host: hostname, port: Number(port) || 80 })
}

function terminateOn(ws: WebSocket, signal: AbortSignal | undefined): void {
  const terminate = () => ws.terminate()
  signal?.addEventListener('abort', terminate, { once: true })
  ws.once('close', () => signal?.removeEventListener('abort', terminate))
}

function accepted(ws: WebSocket, socket: Socket, hearing: Hearing): Promise<Connection> {
  let headers: IncomingHttpHeaders = {}
  hear(ws, hearing)
  return new Promise((resolve, reject) => {
    ws.once('upgrade', (response) => {
      headers = response.headers
    })
    ws.once('unexpected-response', (_request, response) => {
      refusalOf(response)
        .then(reject, reject)
        .finally(() => ws.terminate())
    })
    // An error after the opening ends the connection too, and then `close` tells what became of it.
    ws.on('error', (error) => reject(blockedOr(error)))
    ws.once('open', () => {
      ws.pause()
      resolve(connectionOf(ws, socket, headers, hearing))
    })
  })
}

/** What `ws` throws for an answer that is no valid upgrade has no code, unlike the network's errors. */
function blockedOr(error: NodeJS.ErrnoException): Error {
  return error.code === undefined ? new ChannelBlocked(error.message) : error
}

function hear(ws: WebSocket, hearing: Hearing): void {
  ws.on('message', (data) => {
    hearing.alive()
    const frame = frameOf(String(data))
    if (frame) hearing.receive(frame)
    else ws.terminate()
  })
  ws.on('ping', () => hearing.alive())
  ws.on('close', (code, reason) => {
    const said = String(reason)
    if (code === 1000 && said === 'complete') hearing.completed()
    // 1006 is what `ws` reports when no close frame came; any code that was sent is word from the server.
    if (code !== 1006 && said !== '') hearing.dismissed(said)
    hearing.ended(`closed with code ${code}`)
  })
}

/** Undefined for what is no JSON: a connection that cannot be read is as good as lost. */
function frameOf(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return undefined
  }
}

function connectionOf(ws: WebSocket, socket: Socket, headers: IncomingHttpHeaders, hearing: Hearing): Connection {
  return {
    via: 'ws',
    admission: admissionOf(headers),
    socket,
    closing: hearing.closing,
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close: () => {
      hearing.left()
      ws.terminate()
    },
  }
}
