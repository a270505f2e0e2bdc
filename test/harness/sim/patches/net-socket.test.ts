import '../../../../harness/register.ts'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'
import { closed, listening } from '../programs.ts'

const host = '127.0.0.1'

/** A server with what a client does to it; returns what the client says. */
async function withServer<T>(
  serve: (socket: net.Socket) => void,
  run: (port: number, server: net.Server) => Promise<T>,
  options: net.ServerOpts = {},
): Promise<T> {
  const server = net.createServer(options, serve)
  await listening(server, 0)
  try {
    return await run((server.address() as AddressInfo).port, server)
  } finally {
    await closed(server)
  }
}

/** The names of a socket's events, in order, until it is closed. */
async function eventsOf(socket: net.Socket): Promise<string[]> {
  const seen: string[] = []
  for (const name of ['lookup', 'connect', 'ready', 'end', 'finish', 'error', 'timeout', 'close']) {
    socket.on(name, (thrown) => seen.push(name === 'error' ? `error ${thrown.code}` : name))
  }
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
  return seen
}

describe('net.Socket', () => {
  it.each<[string, (port: number) => net.Socket]>([
    ['net.connect(port, host)', (port) => net.connect(port, host)],
    ['net.createConnection({ port, host })', (port) => net.createConnection({ port, host })],
    ['new net.Socket().connect(port, host)', (port) => new net.Socket().connect(port, host)],
    ['connect by name', (port) => net.connect({ port, host: 'localhost', family: 4 })],
  ])('%s connects, hears the end and closes in the order of the real one', async (_name, open) => {
    const seen = await sameInBothWorlds(() =>
      withServer(
        (socket) => socket.end('bye'),
        (port) => eventsOf(open(port)),
      ),
    )
    expect(seen.at(-1)).toBe('close')
  })

  it('is refused where nobody listens', async () => {
    const port = await withServer(
      () => {},
      async (port) => port,
    )
    const seen = await sameInBothWorlds(() => eventsOf(net.connect(port, host)))
    expect(seen).toEqual(['error ECONNREFUSED', 'close'])
  })

  it('tells of a reset, and of bytes counted on both sides', async () => {
    const seen = await sameInBothWorlds(() =>
      withServer(
        (socket) => socket.on('error', () => {}).once('data', () => socket.resetAndDestroy()),
        async (port) => {
          const socket = net.connect(port, host)
          const events = eventsOf(socket)
          socket.write('12345')
          return [await events, socket.bytesWritten, socket.bytesRead, socket.destroyed]
        },
      ),
    )
    expect(seen).toEqual([['connect', 'ready', 'error ECONNRESET', 'close'], 5, 0, true])
  })

  it('keeps half open when it is told to', async () => {
    const heard = await sameInBothWorlds(() =>
      withServer(
        (socket) => {
          let text = ''
          socket.setEncoding('utf8').on('data', (chunk) => (text += chunk))
          socket.on('end', () => socket.end(`heard ${text}`))
        },
        async (port) => {
          const socket = new net.Socket({ allowHalfOpen: true }).connect(port, host)
          socket.end('all of it')
          let text = ''
          for await (const chunk of socket.setEncoding('utf8')) text += chunk
          return text
        },
        { allowHalfOpen: true },
      ),
    )
    expect(heard).toBe('heard all of it')
  })

  it('has addresses, and none when it is closed', async () => {
    await sameInBothWorlds(() =>
      withServer(
        (socket) => socket.end(),
        async (port) => {
          const socket = net.connect(port, host)
          await once(socket, 'connect')
          const open = [socket.remoteAddress, socket.remoteFamily, socket.remotePort === port, socket.localAddress]
          socket.resume()
          await once(socket, 'close')
          return [open, socket.pending, socket.readyState]
        },
      ),
    )
  })

  it('times out when nothing comes, in virtual time', async () => {
    const { value } = await simulate((sim) =>
      withServer(
        () => {},
        async (port) => {
          const socket = net.connect(port, host).setTimeout(5000)
          socket.on('timeout', () => socket.destroy())
          return [await eventsOf(socket), sim.nowMs]
        },
      ),
    )
    expect(value?.[0]).toEqual(['connect', 'ready', 'timeout', 'close'])
    expect(value?.[1]).toBeGreaterThanOrEqual(5000)
  })

  it('waits for its reader, and then sends on', async () => {
    const sent = await sameInBothWorlds(() =>
      withServer(
        (socket) => {
          let length = 0
          socket.pause().on('data', (chunk) => (length += chunk.length))
          setTimeout(() => socket.resume(), 20)
          socket.on('end', () => socket.end(String(length)))
        },
        async (port) => {
          const socket = net.connect({ port, host, allowHalfOpen: true })
          const isFree = socket.write(Buffer.alloc(3_000_000))
          socket.end()
          let text = ''
          for await (const chunk of socket.setEncoding('utf8')) text += chunk
          return [isFree, text]
        },
        { allowHalfOpen: true },
      ),
    )
    expect(sent).toEqual([false, '3000000'])
  })

  it('complains of wrong arguments as the real one does', async () => {
    const thrown = await sameInBothWorlds(async () => [
      await thrownBy(() => net.connect({ port: 70_000 })),
      await thrownBy(() => net.connect({} as never)),
      await thrownBy(() => new net.Socket().connect({ port: 'no' as never })),
      await thrownBy(() => net.createServer().listen(70_000)),
    ])
    expect(thrown).not.toContain(undefined)
  })
})

describe('net.Server', () => {
  it('is told that an address is taken', async () => {
    const code = await sameInBothWorlds(() =>
      withServer(
        () => {},
        async (port) => {
          const [error] = await once(net.createServer().listen(port, host), 'error')
          return error.code
        },
      ),
    )
    expect(code).toBe('EADDRINUSE')
  })

  it('counts its connections and drops what is too many', async () => {
    const answers = await sameInBothWorlds(() =>
      withServer(
        (socket) => void socket.on('error', () => {}),
        async (port, server) => {
          server.maxConnections = 1
          const first = net.connect(port, host)
          await once(server, 'connection')
          const second = net.connect(port, host).on('error', () => {})
          await once(server, 'drop')
          const count = await new Promise((resolve) => server.getConnections((_error, number) => resolve(number)))
          first.destroy()
          second.destroy()
          return [count, server.listening]
        },
      ),
    )
    expect(answers).toEqual([1, true])
  })
})
