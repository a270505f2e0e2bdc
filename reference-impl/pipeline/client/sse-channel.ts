import type { IncomingMessage } from 'node:http'
import { admissionOf } from './admission.ts'
import type { Channel, ChannelListener, Connection, Reach, Subscribe } from './channel.ts'
import { type Frame, Hearing } from './hearing.ts'
import { refusalOf, send } from './http.ts'
import { ChannelBlocked } from './refusal.ts'
import { type SseMessage, SseParser } from './sse-parser.ts'

/** Hears a plan over server-sent events. */
export class SseChannel implements Channel {
  readonly via = 'sse'
  readonly #reach: Reach

  constructor(reach: Reach) {
    this.#reach = reach
  }

  async open({ planId, after, signal, headers }: Subscribe, listener: ChannelListener): Promise<Connection> {
    const response = await send(`${this.#reach.url}/api/plans/${encodeURIComponent(planId)}/stream`, {
      agent: this.#reach.agent,
      signal,
      headers: { accept: 'text/event-stream', 'last-event-id': String(after), ...headers },
    })
    const hearing = new Hearing(listener)
    if (response.statusCode === 204) hearing.completed()
    else await expectStream(response)
    return hear(response, hearing)
  }
}

async function expectStream(response: IncomingMessage): Promise<void> {
  if (response.statusCode !== 200) throw await refusalOf(response)
  const type = response.headers['content-type'] ?? 'no content type'
  if (type.startsWith('text/event-stream')) return
  response.destroy()
  throw new ChannelBlocked(`expected a stream of events, got ${type}`)
}

function hear(response: IncomingMessage, hearing: Hearing): Connection {
  const parser = new SseParser((message) => hearing.receive(frameOf(message)))
  response.setEncoding('utf8')
  response.on('data', (piece: string) => {
    hearing.alive()
    feed(parser, piece, response)
  })
  response.on('error', (error) => hearing.ended(error.message))
  response.on('close', () => hearing.ended('the response ended'))
  return {
    via: 'sse',
    admission: admissionOf(response.headers),
    socket: response.socket,
    closing: hearing.closing,
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => {
      hearing.left()
      response.destroy()
    },
  }
}

/** A stream that cannot be read is as good as lost. */
function feed(parser: SseParser, piece: string, response: IncomingMessage): void {
  try {
    parser.feed(piece)
  } catch (error) {
    response.destroy(new Error('the stream holds an event that cannot be read', { cause: error }))
  }
}

function frameOf({ id, event, data }: SseMessage): Frame {
  return { ...(id === '' ? {} : { id: Number(id) }), type: event, data: JSON.parse(data) as unknown }
}
