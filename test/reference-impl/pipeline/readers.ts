import http from 'node:http'
import { WebSocket } from 'ws'
import { contract } from './under-test.ts'

/** What a reader has got. */
export interface Reading {
  status: number
  headers: http.IncomingHttpHeaders
  events: { id: number; type: string; data: Record<string, unknown> }[]
  gaps: { from: number; to: number }[]
  beats: number
  /** SSE: the reason of a `disconnected` event. WebSocket: the reason of the close frame. */
  reason: string | null
  /** WebSocket: the close code. */
  code: number | null
  /** The body of a refusal. */
  refusal: string
}

/** A reader that is open; `done` resolves when the server has ended it. */
export interface Reader {
  readonly reading: Reading
  readonly done: Promise<Reading>
  /** Stops taking anything from the connection, and goes on. */
  pause(): void
  resume(): void
  /** Breaks the connection off without a word. */
  drop(): void
  /** WebSocket: sends a frame. */
  send(frame: unknown): void
}

const emptyReading = (): Reading => ({
  status: 0,
  headers: {},
  events: [],
  gaps: [],
  beats: 0,
  reason: null,
  code: null,
  refusal: '',
})

/** Reads a plan over SSE, byte by byte as it comes. */
export function readSse(
  url: string,
  id: string,
  { after, lastEventId }: { after?: number; lastEventId?: number } = {},
): Reader {
  const reading = emptyReading()
  const query = after === undefined ? '' : `?after=${after}`
  const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }
  const request = http.get(`${url}/api/plans/${id}/stream${query}`, { headers, agent: false })
  let response: http.IncomingMessage | undefined
  const done = new Promise<Reading>((resolve) => {
    request.on('error', () => resolve(reading))
    request.on('response', (incoming) => {
      response = incoming
      reading.status = incoming.statusCode ?? 0
      reading.headers = incoming.headers
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        text += chunk
        if (reading.status !== 200) return
        const blocks = text.split('\n\n')
        text = blocks.pop() as string
        for (const block of blocks) takeSse(reading, block)
      })
      incoming.on('close', () => {
        if (reading.status !== 200) reading.refusal = text
        holdToContract(`/api/plans/${id}/stream`, reading)
        resolve(reading)
      })
    })
  })
  return {
    reading,
    done,
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    drop: () => request.destroy(),
    send: () => {
      throw new Error('nothing can be sent over SSE')
    },
  }
}

function takeSse(reading: Reading, block: string): void {
  if (block.startsWith(':')) reading.beats++
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]))
  const data = fields.has('data') ? JSON.parse(fields.get('data') as string) : undefined
  const type = fields.get('event')
  if (type === 'gap') reading.gaps.push(data)
  else if (type === 'disconnected') reading.reason = data.reason
  else if (type !== undefined) {
    const event = { id: Number(fields.get('id')), type, data }
    contract.checkSchema('Event', event)
    reading.events.push(event)
  }
}

/** Reads a plan over a WebSocket. */
export function readWebSocket(
  url: string,
  id: string,
  {
    after,
    autoPong = true,
    headers = {},
  }: { after?: number; autoPong?: boolean; headers?: Record<string, string> } = {},
): Reader {
  const reading = emptyReading()
  const query = after === undefined ? '' : `?after=${after}`
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/api/plans/${id}/ws${query}`, { autoPong, headers })
  webSocket.on('ping', () => reading.beats++)
  webSocket.on('message', (text) => takeFrame(reading, JSON.parse(String(text))))
  const done = new Promise<Reading>((resolve) => {
    webSocket.on('error', () => {})
    webSocket.on('unexpected-response', (_request, response) => {
      reading.status = response.statusCode ?? 0
      reading.headers = response.headers
      response.setEncoding('utf8').on('data', (chunk: string) => {
        reading.refusal += chunk
      })
      response.on('end', () => {
        holdToContract(`/api/plans/${id}/ws`, reading)
        resolve(reading)
      })
    })
    webSocket.on('upgrade', ({ headers }) => {
      reading.headers = headers
    })
    webSocket.on('open', () => {
      reading.status = 101
      holdToContract(`/api/plans/${id}/ws`, reading)
    })
    webSocket.on('close', (code, reason) => {
      reading.code = code
      reading.reason = String(reason)
      resolve(reading)
    })
  })
  return {
    reading,
    done,
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    drop: () => webSocket.terminate(),
    send: (frame) => webSocket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
  }
}

function takeFrame(reading: Reading, frame: { id: number; type: string; data: never }): void {
  contract.checkSchema('ServerFrame', frame)
  if (frame.type === 'gap') reading.gaps.push(frame.data)
  else if (frame.type === 'error') reading.refusal = (frame.data as { message: string }).message
  else reading.events.push(frame)
}

function holdToContract(path: string, { status, headers, refusal }: Reading): void {
  const sent = new Headers()
  for (const [name, value] of Object.entries(headers)) sent.set(name, String(value))
  contract.check('GET', path, status, sent, refusal)
}

/** The ids that a complete reading after `after` must have, if the last event is `last`. */
export function idsFrom(after: number, last: number): number[] {
  return Array.from({ length: last - after }, (_, index) => after + 1 + index)
}

export const idsOf = ({ events }: Reading): number[] => events.map(({ id }) => id)
export const typesOf = ({ events }: Reading): string[] => events.map(({ type }) => type)

/** The lines of one source, in the order in which they came. */
export function linesOf({ events }: Reading, source = 'stdout'): string[] {
  return events
    .filter(({ type, data }) => type === 'log' && data.source === source)
    .map(({ data }) => String(data.line))
}

/** The lines that the default command prints. */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `line ${index + 1} of ${count}`)
}
