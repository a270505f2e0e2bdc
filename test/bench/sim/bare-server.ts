import { createServer, get, type Server, type ServerResponse } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import type { Sim } from '../../../harness/sim/sim.ts'
import type { Simulated } from '../../../harness/sim/simulate.ts'

const host = '127.0.0.1'
const port = 8080
const events = 5
const intervalMs = 2

/** A server that sends five events to each client, by SSE or over a WebSocket, and ends the stream. */
function eventServer(): Server {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    sendTo(response)
  })
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    repeat(
      (event) => socket.send(JSON.stringify({ event })),
      () => socket.close(),
    )
  })
  return server
}

function sendTo(response: ServerResponse): void {
  repeat(
    (event) => response.write(`id: ${event}\ndata: {"event":${event}}\n\n`),
    () => response.end(),
  )
}

function repeat(send: (event: number) => void, end: () => void): void {
  let sent = 0
  const timer = setInterval(() => {
    send(++sent)
    if (sent < events) return
    clearInterval(timer)
    end()
  }, intervalMs)
}

/** Clients in processes of their own: two of three by SSE, every third over a WebSocket. */
export function bareServer(clients: number): Simulated<void> {
  return async (sim: Sim) => {
    const server = eventServer()
    await sim.process('server', () => new Promise<void>((resolve) => server.listen(port, host, resolve)))
    const counts = await Promise.all(
      Array.from({ length: clients }, (_, index) =>
        sim.process(`c${index}`, index % 3 === 2 ? overWebSocket : overSse),
      ),
    )
    await new Promise<void>((resolve) => server.close(() => resolve()))
    for (const count of counts) if (count !== events) throw new Error(`a client saw ${count} of ${events} events`)
  }
}

function overSse(): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    const request = get({ host, port, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text.split('\n\n').length - 1))
    })
    request.on('error', reject)
  })
}

function overWebSocket(): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0
    const socket = new WebSocket(`ws://${host}:${port}/`, { perMessageDeflate: false })
    socket.on('message', () => count++).on('close', () => resolve(count))
    socket.on('error', reject)
  })
}
