import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Sim } from '../../../../../harness/sim/sim.ts'
import { closed, host, listening, sleep } from './server.ts'

/** What HTTP/1.1 has beside plain requests: trailers, chunks, `Expect`, an upgrade, pipelined keep-alive, an abort. */
export async function httpProgram(sim: Sim) {
  const server = createServer({ keepAliveTimeout: 2000 }, answer)
  server.on('checkContinue', (asked, reply) => {
    if (asked.headers['content-length'] === '3') reply.writeContinue()
    answer(asked, reply)
  })
  server.on('upgrade', (_asked, socket: Socket, head) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.write(head)
    socket.pipe(socket)
  })
  await sim.process('server', () => listening(server, 8080))
  const told = await Promise.all(['a', 'b'].map((name) => sim.process(name, () => client(name))))
  await closed(server)
  return told
}

export const httpAnswer = ['a', 'b'].map((name) => ({
  trailers: { 'x-check': 'done' },
  body: 'first second',
  continued: 'continued: abc',
  upgraded: `${name} over another protocol`,
  reused: [false, true, true],
  aborted: 'ECONNRESET',
  idleClosed: true,
}))

function answer(asked: IncomingMessage, reply: ServerResponse): void {
  if (asked.url === '/trailers') return void withTrailers(reply)
  if (asked.url === '/cut') return void cut(reply)
  let body = ''
  asked.setEncoding('utf8').on('data', (text) => (body += text))
  asked.on('end', () => reply.end(`${asked.headers.expect ? 'continued' : 'plain'}: ${body}`))
}

async function withTrailers(reply: ServerResponse): Promise<void> {
  reply.writeHead(200, { trailer: 'x-check' })
  reply.write('first ')
  await sleep(5)
  reply.addTrailers({ 'x-check': 'done' })
  reply.end('second')
}

async function cut(reply: ServerResponse): Promise<void> {
  reply.write('the beginning')
  await sleep(5)
  reply.destroy()
}

async function client(name: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { body, trailers } = await ask(agent, '/trailers')
  const continued = await expectContinue(agent)
  const upgraded = await upgrade(name)
  const reused = [await isReused(new Agent({ keepAlive: true }), 1), ...(await repeated())]
  const aborted = await ask(agent, '/cut').catch((error) => error.code)
  const idleClosed = await idleIsClosed()
  agent.destroy()
  return { trailers, body, continued, upgraded, reused, aborted, idleClosed }
}

async function ask(agent: Agent, path: string) {
  const asked = request({ host, port: 8080, path, agent })
  asked.end()
  const [reply] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const text of reply.setEncoding('utf8')) body += text
  return { body, trailers: reply.trailers, isReused: asked.reusedSocket }
}

async function expectContinue(agent: Agent): Promise<string> {
  const headers = { expect: '100-continue', 'content-length': 3 }
  const asked = request({ host, port: 8080, method: 'POST', headers, agent })
  asked.flushHeaders()
  await once(asked, 'continue')
  asked.end('abc')
  const [reply] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const text of reply.setEncoding('utf8')) body += text
  return body
}

async function upgrade(name: string): Promise<string> {
  const asked = request({ host, port: 8080, headers: { connection: 'Upgrade', upgrade: 'echo' } })
  asked.end()
  const [, socket] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket]
  socket.end(`${name} over another protocol`)
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  return text
}

async function isReused(agent: Agent, times: number): Promise<boolean> {
  let last = false
  for (let time = 0; time < times; time++) last = (await ask(agent, '/')).isReused
  agent.destroy()
  return last
}

async function repeated(): Promise<boolean[]> {
  return [await isReused(new Agent({ keepAlive: true }), 2), await isReused(new Agent({ keepAlive: true }), 5)]
}

/** A connection that nobody uses is closed by the server once its keep-alive time is over. */
async function idleIsClosed(): Promise<boolean> {
  const agent = new Agent({ keepAlive: true })
  const asked = request({ host, port: 8080, agent })
  asked.end()
  const [socket] = (await once(asked, 'socket')) as [Socket]
  const [reply] = (await once(asked, 'response')) as [IncomingMessage]
  reply.resume()
  await once(socket, 'close')
  agent.destroy()
  return true
}
