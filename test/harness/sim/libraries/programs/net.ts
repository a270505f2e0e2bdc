import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening, sleep } from './server.ts'

/** `new net.Socket().connect()` in its forms, by port, options and path, with a refusal and a second life. */
export async function socketProgram(sim: Sim) {
  const byPort = createServer((socket) => socket.end('by port'))
  const byPath = createServer((socket) => socket.end('by path'))
  await sim.process('server', async () => {
    await listening(byPort, 7000)
    await new Promise<void>((resolve) => byPath.listen('/tmp/raceproof-test.sock', resolve))
  })
  const heard = await sim.process('client', async () => [
    await textOf(new Socket().connect(7000, host)),
    await textOf(new Socket().connect({ port: 7000, host: 'localhost' })),
    await textOf(new Socket().connect('/tmp/raceproof-test.sock')),
    await codeOf(new Socket().connect(7001, host)),
    await twice(new Socket()),
  ])
  await Promise.all([closed(byPort), closed(byPath)])
  return heard
}

export const socketAnswer = ['by port', 'by port', 'by path', 'ECONNREFUSED', 'by port, by port']

/** A line protocol: two clients send lines in pieces, the server answers each by readline's async iterator. */
export async function linesProgram(sim: Sim) {
  const server = createServer(async (socket) => {
    for await (const line of createInterface({ input: socket })) socket.write(`${line.toUpperCase()}\n`)
    socket.end()
  })
  await sim.process('server', () => listening(server, 7000))
  const heard = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => sayLines(name))))
  await closed(server)
  return heard
}

export const linesAnswer = ['A', 'B'].map((name) => [`${name} HELLO`, `${name} WORLD`])

/** A pipeline of compressing streams over a socket, with a web stream and backpressure on the way back. */
export async function streamsProgram(sim: Sim) {
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    await pipeline(socket, createGunzip(), upperCase(), createGzip(), socket)
  })
  await sim.process('server', () => listening(server, 7000))
  const lengths = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => compressedEcho(name))))
  await closed(server)
  return lengths
}

export const streamsAnswer = ['A', 'B'].map((name) => ({ start: `${name}0${name}1`, length: 3890, web: 3890 }))

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

async function codeOf(socket: Socket): Promise<unknown> {
  const [error] = await once(socket, 'error')
  return error.code
}

/** A socket that connects again after it was closed. */
async function twice(socket: Socket): Promise<string> {
  const texts: string[] = []
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => texts.push(text))
  for (const _time of ['first', 'second']) {
    socket.connect(7000, host)
    await once(socket, 'close')
  }
  return texts.join(', ')
}

async function sayLines(name: string): Promise<string[]> {
  const socket = new Socket().connect(7000, host)
  const heard: string[] = []
  const lines = createInterface({ input: socket })
  lines.on('line', (line) => heard.push(line))
  socket.write(`${name} hel`)
  await sleep(3)
  socket.write(`lo\n${name} wor`)
  await sleep(3)
  socket.end('ld\n')
  await once(socket, 'close')
  return heard
}

function upperCase(): Transform {
  return new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) })
}

async function compressedEcho(name: string) {
  const socket = new Socket({ allowHalfOpen: true }).connect(7000, host)
  const words = Array.from({ length: 1000 }, (_, number) => `${name}${number}`)
  const parts: string[] = []
  const slow = new Writable({
    highWaterMark: 100,
    write: (chunk, _encoding, done) => {
      parts.push(String(chunk))
      setTimeout(done, 1)
    },
  })
  const sending = pipeline(Readable.from(words), createGzip(), socket, { end: true })
  await Promise.all([sending, pipeline(socket, createGunzip(), slow)])
  const text = parts.join('')
  return { start: text.slice(0, 4), length: text.length, web: await throughWebStreams(text) }
}

async function throughWebStreams(text: string): Promise<number> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  const chunks = compressed.pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream())
  let length = 0
  for await (const chunk of chunks) length += chunk.length
  return length
}
