import '../../../../harness/register.ts'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds } from '../both-worlds.ts'
import { closed, fetchAll, listening } from '../programs.ts'

/** Answers one GET, and returns the headers that the client saw. */
async function headersOf(answer: (reply: ServerResponse) => void) {
  const server = createServer((_asked, reply) => answer(reply))
  await listening(server, 0)
  const { headers } = await fetchAll('/', (server.address() as AddressInfo).port)
  await closed(server)
  return headers
}

describe('the Date header', () => {
  it('is the calendar of the schedule', async () => {
    const { value } = await simulate(() => headersOf((reply) => reply.end('hello')))
    expect(value?.date).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
  })

  it.each<[string, (reply: ServerResponse) => void]>([
    ['set before', (reply) => reply.setHeader('date', 'yesterday').end()],
    ['given to writeHead', (reply) => reply.writeHead(200, { DATE: 'yesterday' }).end()],
    ['given to writeHead as a list', (reply) => reply.writeHead(200, ['Date', 'yesterday']).end()],
    [
      'switched off',
      (reply) => {
        reply.sendDate = false
        reply.end()
      },
    ],
  ])("is the program's own when it was %s", async (_how, answer) => {
    const real = await headersOf(answer)
    const { value } = await simulate(() => headersOf(answer))
    expect(value).toEqual(real)
  })
})

/** Sends the beginning of a request and nothing more; returns what the server says, and after how long. */
async function stall(bytes: string, options: object) {
  const server = createServer({ connectionsCheckingInterval: 100, ...options }, (_asked, reply) => reply.end('late'))
  await listening(server, 0)
  const startMs = performance.now()
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.setEncoding('latin1').write(bytes)
  let answer = ''
  socket.on('data', (text) => (answer += text))
  await once(socket, 'close')
  await closed(server)
  return { answer: answer.split('\r\n')[0], afterMs: performance.now() - startMs }
}

describe('the time-outs of an http server', () => {
  const slow = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab'

  it.each([
    [
      'headersTimeout',
      'GET / HTTP/1.1\r\nHost:',
      { headersTimeout: 300, requestTimeout: 2000 },
      'HTTP/1.1 408 Request Timeout',
    ],
    ['requestTimeout', slow, { headersTimeout: 200, requestTimeout: 300 }, 'HTTP/1.1 200 OK'],
    ['keepAliveTimeout', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { keepAliveTimeout: 300 }, 'HTTP/1.1 200 OK'],
  ])('%s ends a connection as it does in the real world', async (_name, bytes, options, answer) => {
    const told = await sameInBothWorlds(async () => (await stall(bytes, options)).answer)
    expect(told).toBe(answer)
    const { value } = await simulate(() => stall(bytes, options))
    expect(value?.afterMs).toBeGreaterThanOrEqual(300)
    expect(value?.afterMs).toBeLessThan(2000)
  })

  it('are those of virtual time, however long', async () => {
    const { value } = await simulate(() => stall('GET', { connectionsCheckingInterval: 30_000 }))
    expect(value).toMatchObject({ answer: 'HTTP/1.1 408 Request Timeout' })
    expect(value?.afterMs).toBeGreaterThanOrEqual(60_000)
  })
})
