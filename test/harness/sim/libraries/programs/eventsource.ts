import { createServer, type ServerResponse } from 'node:http'
import { EventSource } from 'eventsource'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening } from './server.ts'

/** A stream of five events that the server cuts after the third: each of two clients comes again and gets the rest. */
export async function eventSourceProgram(sim: Sim) {
  const server = createServer((asked, reply) => {
    if (asked.url === '/missing') return void reply.writeHead(404).end()
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.write('retry: 40\n\n')
    tell(reply, Number(asked.headers['last-event-id'] ?? 0) + 1)
  })
  await sim.process('server', () => listening(server, 8080))
  const heard = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => listen())))
  const missing = await sim.process('c', () => refusedStatus())
  const closing = closed(server)
  server.closeAllConnections()
  await closing
  return { heard, missing }
}

export const eventSourceAnswer = {
  heard: ['a', 'b'].map(() => ['1 event 1', '2 event 2', '3 event 3', '4 event 4', '5 event 5']),
  missing: 404,
}

function tell(reply: ServerResponse, number: number): void {
  reply.write(`id: ${number}\ndata: event ${number}\n\n`)
  if (number === 3) reply.end()
  else if (number < 5) setTimeout(() => tell(reply, number + 1), 5)
}

function listen(): Promise<string[]> {
  return new Promise((resolve) => {
    const heard: string[] = []
    const source = new EventSource(`http://${host}:8080/events`)
    source.onmessage = ({ lastEventId, data }) => {
      heard.push(`${lastEventId} ${data}`)
      if (heard.length < 5) return
      source.close()
      resolve(heard)
    }
  })
}

function refusedStatus(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const source = new EventSource(`http://${host}:8080/missing`)
    source.onerror = ({ code }) => {
      source.close()
      resolve(code)
    }
  })
}
