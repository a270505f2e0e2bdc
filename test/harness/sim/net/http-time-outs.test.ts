import '../../../../harness/register.ts'
import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sameInBothWorlds } from '../both-worlds.ts'

const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

/** What a server says, up to the end of its connection, to a client that writes these texts with pauses between them. */
async function said(
  options: ServerOptions,
  texts: readonly (string | number)[],
  prepare: (server: Server, log: string[]) => void = () => {},
): Promise<string[]> {
  const log: string[] = []
  const server = createServer({ connectionsCheckingInterval: 20, ...options }, (asked, reply) => {
    asked.resume()
    if (asked.url !== '/never') asked.on('end', () => reply.end('ok'))
  })
  prepare(server, log)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1')
  let reply = ''
  socket.on('data', (text) => {
    reply += text
  })
  socket.on('error', ({ code }: NodeJS.ErrnoException) => log.push(String(code)))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const text of texts) {
    if (typeof text === 'number') await wait(text)
    else if (!socket.destroyed) socket.write(text)
  }
  await closed
  await new Promise((resolve) => server.close(resolve))
  return [...reply.split('\r\n').filter((line) => line !== '' && !line.startsWith('Date: ')), ...log]
}

const head = 'GET / HTTP/1.1\r\nHost: a\r\n'

describe('a server of node:http', () => {
  it('answers 408 when the headers take too long', async () => {
    const answer = await sameInBothWorlds(() => said({ headersTimeout: 60, requestTimeout: 1000 }, [head]))
    expect(answer[0]).toBe('HTTP/1.1 408 Request Timeout')
  })

  it('answers 408 when the body takes too long', async () => {
    const answer = await sameInBothWorlds(() =>
      said({ headersTimeout: 60, requestTimeout: 100 }, [`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab`]),
    )
    expect(answer[0]).toContain('408')
  })

  it('answers 408 to a connection that says nothing at all', async () => {
    await sameInBothWorlds(() => said({ headersTimeout: 60, requestTimeout: 1000 }, []))
  })

  it('counts anew for the next request on the connection', async () => {
    const answer = await sameInBothWorlds(() =>
      said({ headersTimeout: 400, requestTimeout: 400 }, [`${head}\r\n`, 250, head, 250, 'Connection: close\r\n\r\n']),
    )
    expect(answer.join('').match(/HTTP\/1.1 200 OK/g)).toHaveLength(2)
  })

  it('leaves the answer to its clientError listener', async () => {
    const answer = await sameInBothWorlds(() =>
      said({ headersTimeout: 60, requestTimeout: 1000 }, [head], (server, log) => {
        server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
          log.push(`clientError ${error.code} ${error.message}`)
          socket.end('HTTP/1.1 418 Too Late\r\n\r\n')
        })
      }),
    )
    expect(answer.slice(0, 2)).toEqual([
      'HTTP/1.1 418 Too Late',
      'clientError ERR_HTTP_REQUEST_TIMEOUT Request timeout',
    ])
  })

  it('closes an idle connection after keepAliveTimeout', async () => {
    const answer = await sameInBothWorlds(() =>
      said({ keepAliveTimeout: 1000, keepAliveTimeoutBuffer: 0 } as ServerOptions, [`${head}\r\n`]),
    )
    expect(answer).toContain('Keep-Alive: timeout=1')
  })

  it('destroys a connection after setTimeout, unless somebody listens', async () => {
    const never = 'GET /never HTTP/1.1\r\nHost: a\r\n\r\n'
    await sameInBothWorlds(() => said({}, [never], (server) => void server.setTimeout(80)))
    const told = await sameInBothWorlds(() =>
      said({}, [never], (server, log) => {
        server.setTimeout(80, (socket) => {
          log.push('timeout')
          socket.end('bye')
        })
      }),
    )
    expect(told).toEqual(['bye', 'timeout'])
  })

  it('is closed by closeIdleConnections where nothing is asked, and by closeAllConnections wherever', async () => {
    for (const [close, isCut] of [
      ['closeIdleConnections', false],
      ['closeAllConnections', true],
    ] as const) {
      const answer = await sameInBothWorlds(async () => {
        const log: string[] = []
        const server = createServer((asked, reply) => {
          if (asked.url === '/idle') reply.end('ok')
          else setTimeout(() => reply.end('late'), 1000)
        })
        await once(server.listen(0, '127.0.0.1'), 'listening')
        const { port } = server.address() as AddressInfo
        const open = async (url: string) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`))
          socket.on('error', () => {}).resume()
          socket.on('close', () => log.push(`${url} closed`))
          await wait(100)
          return socket
        }
        const [, busy] = [await open('/idle'), await open('/busy')]
        server[close]()
        await wait(100)
        const closed = [...log].sort()
        busy.destroy()
        await new Promise((resolve) => server.close(resolve))
        return closed
      })
      expect(answer).toEqual(isCut ? ['/busy closed', '/idle closed'] : ['/idle closed'])
    }
  })
})
