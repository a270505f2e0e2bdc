import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening } from './server.ts'

const long = 'words that repeat '.repeat(200)

/** Two clients that send and get compressed messages, text and bytes, with a ping, and one whom the server turns away. */
export async function deflateProgram(sim: Sim) {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } })
  sockets.on('connection', (socket, { url }) => {
    if (url === '/nobody') return socket.close(4001, 'go away')
    socket.on('message', (data, isBinary) => socket.send(isBinary ? data : `${data} was heard`))
    return undefined
  })
  await sim.process('server', () => listening(server, 8080))
  const heard = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => converse(name))))
  const refused = await sim.process('c', () => turnedAway())
  sockets.close()
  await closed(server)
  return { heard, refused }
}

export const deflateAnswer = {
  heard: ['a', 'b'].map((name) => ({
    extensions: 'permessage-deflate',
    texts: [`${name} ${long} was heard`, 'short was heard'],
    bytes: [1, 2, 3],
    pong: 'are you there',
    code: 1000,
  })),
  refused: { code: 4001, reason: 'go away' },
}

async function converse(name: string) {
  const socket = new WebSocket(`ws://${host}:8080/`)
  await once(socket, 'open')
  const texts: string[] = []
  for (const text of [`${name} ${long}`, 'short']) {
    socket.send(text)
    texts.push(String((await once(socket, 'message'))[0]))
  }
  socket.send(Buffer.from([1, 2, 3]))
  const [bytes] = await once(socket, 'message')
  socket.ping('are you there')
  const [pong] = await once(socket, 'pong')
  const { extensions } = socket
  socket.close(1000)
  const [code] = await once(socket, 'close')
  return { extensions, texts, bytes: [...(bytes as Buffer)], pong: String(pong), code }
}

async function turnedAway() {
  const socket = new WebSocket(`ws://${host}:8080/nobody`)
  const [code, reason] = await once(socket, 'close')
  return { code, reason: String(reason) }
}
