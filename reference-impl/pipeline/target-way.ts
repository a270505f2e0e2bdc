import type { ClientContext } from 'raceproof'
import type { Channel, Connection } from './client/channel.ts'
import type { ClientParts } from './client/parts.ts'
import { SseChannel } from './client/sse-channel.ts'
import { WsChannel } from './client/ws-channel.ts'
import type { Recording } from './target-recording.ts'
import { listenByEventSource } from './target-way-eventsource.ts'
import { listenByLibrary } from './target-way-library.ts'
import { strangerTo } from './target-way-stranger.ts'

/** What a watcher asks for. */
export interface Listen {
  context: ClientContext<ClientParts>
  /** The base address of the server. */
  url: string
  planId: string
  stream: string
  after: number
  headers: Record<string, string>
  recording: Recording
}

/** What a watcher holds: the connection of the moment, whatever is behind it. */
export type Listening = Pick<Connection, 'admission' | 'socket' | 'pause' | 'resume' | 'close'>

/** Listens to a plan in one way. Resolves when the server has let it in for the first time. */
export type Way = (listen: Listen) => Promise<Listening>

/** The ways to listen, by name. */
export const ways = {
  sse: (listen: Listen) => listenByChannel(new SseChannel(reachOf(listen)), listen),
  ws: (listen: Listen) => listenByChannel(new WsChannel(reachOf(listen)), listen),
  eventsource: listenByEventSource,
  library: listenByLibrary,
} satisfies Record<string, Way>
export type WayName = keyof typeof ways

/** Which client listens in which way unless it is told: SSE and WebSocket by turns, with the real clients among them. */
const turns: readonly WayName[] = ['sse', 'ws', 'sse', 'ws', 'eventsource', 'ws', 'sse', 'library']

export function wayOf(clientIndex: number): WayName {
  return turns[clientIndex % turns.length]!
}

function reachOf({ url, context }: Listen) {
  return { url, agent: context.agent, connect: () => context.connect() }
}

/** One connection, and no second one: what happens to it is what the history says. */
async function listenByChannel(channel: Channel, listen: Listen): Promise<Listening> {
  const { recording, planId, stream, after, headers, context } = listen
  recording.begin(channel.via, after)
  const connection = await channel
    .open({ planId, after, headers, signal: context.signal }, recording)
    .catch((error) => {
      recording.failed(error)
      recording.finish({ complete: false, how: error.message })
      throw error
    })
  if (connection.admission.stream !== stream) leaveStranger(connection, listen)
  connection.closing.then((closing) => {
    recording.closed(closing)
    recording.finish({ complete: closing.reason === 'complete', how: `${closing.reason}: ${closing.detail}` })
  })
  return connection
}

function leaveStranger(connection: Connection, { recording, stream }: Listen): never {
  const refusal = strangerTo(stream, connection.admission.stream)
  recording.dropped(refusal.message)
  connection.close()
  throw refusal
}
