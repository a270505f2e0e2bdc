import { spawn } from 'node:child_process'
import { Agent, createServer, get, request } from 'node:http'
import { connect, createServer as createTcpServer, type Server } from 'node:net'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import type { Sim } from '../../../harness/sim/sim.ts'
import type { Simulated } from '../../../harness/sim/simulate.ts'

const host = '127.0.0.1'

/** A keep-alive server that answers in chunks, and two clients in processes of their own that ask it twice each. */
export async function keepAliveProgram(sim: Sim) {
  const server = createServer((asked, reply) => {
    reply.write(`${asked.method} `)
    setTimeout(() => reply.end(asked.url), 3)
  })
  await sim.process('server', () => listening(server, 8080))
  const client = async (name: string) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answers = [await ask(agent, `/${name}/1`), await ask(agent, `/${name}/2`)]
    agent.destroy()
    return answers
  }
  const answers = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => client(name))))
  await closed(server)
  return answers
}

/** A WebSocket server that counts for each of two clients, and answers what they say. */
export async function webSocketProgram(sim: Sim) {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    socket.on('message', (message) => socket.send(`heard ${message}`))
    let count = 0
    const timer = setInterval(() => socket.send(String(count++)), 5)
    socket.on('close', () => clearInterval(timer))
  })
  await sim.process('server', () => listening(server, 8080))
  const heard = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => converse(name))))
  sockets.close()
  await closed(server)
  return heard
}

/** Two writers and an echo over bare sockets, with half-closing. */
export async function echoProgram(sim: Sim) {
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  await sim.process('server', () => listening(server, 7000))
  const echoed = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => echo(name))))
  await closed(server)
  return echoed
}

/** Two processes that each run a command, and pass its output on by message ports to one that sleeps on shared memory. */
export async function commandProgram(sim: Sim) {
  sim.program('count', async ({ argv, stdout, exit }) => {
    for (const word of argv.slice(1)) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      stdout.write(`${word} `)
    }
    exit(argv.length)
  })
  const done = new Int32Array(new SharedArrayBuffer(4))
  const counts = ['a', 'b'].map(async (name) => {
    const { port1, port2 } = new MessageChannel()
    const words = new Promise((resolve) => port1.on('message', resolve))
    await sim.process(name, () => count(name, port2))
    const heard = await words
    Atomics.store(done, 0, 1)
    Atomics.notify(done, 0)
    port1.close()
    return heard
  })
  const woken = await Atomics.waitAsync(done, 0, 0).value
  return { woken, counts: await Promise.all(counts) }
}

function count(name: string, port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('count', [`${name}1`, `${name}2`, `${name}3`])
    let words = ''
    child.stdout.on('data', (bytes) => (words += bytes))
    child.on('close', (code) => {
      port.postMessage(`${words}${code}`)
      resolve()
    })
  })
}

export const programs: Record<string, Simulated<unknown>> = {
  keepAliveProgram,
  webSocketProgram,
  echoProgram,
  commandProgram,
}

/** Resolves once a server listens. */
export function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, host, resolve))
}

/** Closes a server and waits for its last connection. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** GETs a path and resolves to the whole body. */
export function ask(agent: Agent | false, path: string, port = 8080): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, agent }, (reply) => {
      let body = ''
      reply.setEncoding('utf8')
      reply.on('data', (text) => (body += text))
      reply.on('end', () => resolve(body))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Says hello, waits for the answer and three counts, and leaves. */
function converse(name: string) {
  return new Promise<{ answer: string; counts: string[] }>((resolve, reject) => {
    let answer = ''
    const counts: string[] = []
    const socket = new WebSocket(`ws://${host}:8080/`, { perMessageDeflate: false })
    socket.on('open', () => socket.send(`hello from ${name}`))
    socket.on('message', (message) => {
      const text = String(message)
      if (text.startsWith('heard')) answer = text
      else if (counts.length < 3) counts.push(text)
      if (answer !== '' && counts.length === 3) socket.close()
    })
    socket.on('close', () => resolve({ answer, counts }))
    socket.on('error', reject)
  })
}

function echo(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: 7000, host })
    let heard = ''
    socket.setEncoding('utf8')
    socket.on('data', (text) => (heard += text))
    socket.on('end', () => resolve(heard))
    socket.on('error', reject)
    socket.write(`${name}1 `)
    setTimeout(() => socket.end(`${name}2`), 4)
  })
}

/** GETs a path and resolves to the status, headers and body. */
export function fetchAll(path: string, port = 8080) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      get({ host, port, path, agent: false }, (reply) => {
        let body = ''
        reply.setEncoding('utf8')
        reply.on('data', (text) => (body += text))
        reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body }))
      }).on('error', reject)
    },
  )
}
