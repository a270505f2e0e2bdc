import '../../../../harness/register.ts'
import { once } from 'node:events'
import { type AddressInfo, BlockList, connect, createServer, type Server, type ServerOpts, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sameInBothWorlds, thrownBy } from '../both-worlds.ts'

interface Pair {
  client: Socket
  server: Socket
  listener: Server
}

/** Runs a body on the two ends of a connection, and ends both. */
async function paired<T>(
  body: (pair: Pair) => Promise<T>,
  options: ServerOpts = {},
  allowHalfOpen = false,
): Promise<T> {
  const listener = createServer(options).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen })
  const [[server]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  try {
    return await body({ client, server, listener })
  } finally {
    client.destroy()
    server.destroy()
    listener.close()
  }
}

/** The names of the events of a socket until it closes, with the errors' codes. */
async function untilClosed(socket: Socket, log: string[] = []): Promise<string[]> {
  socket.on('end', () => log.push('end'))
  socket.on('finish', () => log.push('finish'))
  socket.on('timeout', () => log.push('timeout'))
  socket.on('error', ({ code }: NodeJS.ErrnoException) => log.push(`error ${code}`))
  await new Promise<void>((resolve) => {
    socket.on('close', (hadError) => {
      log.push(`close ${hadError}`)
      resolve()
    })
  })
  return log
}

const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

describe('a socket', () => {
  it('ends its own side when the peer ends, unless it may stay half open', async () => {
    const body = async ({ client, server }: Pair) => {
      const log = untilClosed(server.resume())
      client.end()
      await wait(150)
      const { readable, writable } = server
      server.end('still here')
      client.resume()
      return [readable, writable, await log]
    }
    expect(await sameInBothWorlds(() => paired(body, { allowHalfOpen: true }, true))).toEqual([
      false,
      true,
      ['end', 'finish', 'close false'],
    ])
    await sameInBothWorlds(() => paired(body))
  })

  it('is destroyed by destroySoon when its last bytes are through', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => {
        let received = 0
        client.on('data', ({ length }) => {
          received += length
        })
        const closed = untilClosed(client)
        server.write(Buffer.alloc(200_000))
        server.destroySoon()
        return [server.destroyed, await closed, received]
      }),
    )
  })

  it('resets its peer by resetAndDestroy, and hears nothing of it itself', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => {
        const logs = Promise.all([untilClosed(client.resume()), untilClosed(server.resume())])
        server.resetAndDestroy()
        return logs
      }),
    )
  })

  it('keeps what comes while it is paused, and hears the end behind it', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => {
        client.pause()
        const log: string[] = []
        client.on('data', (bytes) => log.push(String(bytes)))
        const closed = untilClosed(client, log)
        server.end('kept')
        await wait(20)
        const meanwhile = [...log]
        client.resume()
        return [meanwhile, await closed]
      }),
    )
  })

  it('tells of its time-out again and again, is refreshed by traffic, and not after it was set to zero', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => {
        let count = 0
        client.resume().setTimeout(300, () => count++)
        await wait(200)
        server.write('x')
        await wait(200)
        const refreshed = count
        await wait(200)
        const told = count
        client.setTimeout(0)
        await wait(400)
        return [refreshed, told, count, client.timeout]
      }),
    )
  })

  it('says which arguments of setTimeout are wrong', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client }) => [
        await thrownBy(() => client.setTimeout(-1)),
        await thrownBy(() => client.setTimeout(Number.NaN)),
        await thrownBy(() => client.setTimeout('1' as never)),
        await thrownBy(() => client.setTimeout(1, 'no function' as never)),
      ]),
    )
  })

  it('can be unreferenced and referenced, also before it is connected', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => client.unref().ref() === client && server.unref() === server),
    )
    await sameInBothWorlds(async () => {
      const listener = createServer((socket) => socket.end('x')).listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1')
        .unref()
        .ref()
      const log = await untilClosed(socket.resume())
      listener.close()
      return log
    })
  })

  it('refuses to write after its end, and fails a write after it was destroyed', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ client, server }) => {
        const failure = (socket: Socket) =>
          new Promise((resolve) =>
            socket.on('error', () => {}).write('x', (error) => resolve((error as NodeJS.ErrnoException)?.code)),
          )
        client.end()
        server.destroy()
        return [await failure(client), await failure(server)]
      }),
    )
  })
})

describe('a server', () => {
  it('drops connections beyond its maximum', async () => {
    await sameInBothWorlds(async () => {
      const listener = createServer((socket) => socket.on('error', () => {}).resume())
      listener.maxConnections = 1
      const dropped: string[] = []
      listener.on('drop', (data) =>
        dropped.push(
          Object.keys(data ?? {})
            .sort()
            .join(),
        ),
      )
      await once(listener.listen(0, '127.0.0.1'), 'listening')
      const { port } = listener.address() as AddressInfo
      const first = connect(port, '127.0.0.1')
      await once(first, 'connect')
      await wait(10)
      const second = connect(port, '127.0.0.1')
      const log = await untilClosed(second.resume())
      const isOpen = !first.destroyed
      first.destroy()
      await new Promise((resolve) => listener.close(resolve))
      return [isOpen, log, dropped]
    })
  })

  it('closes when its last connection has, takes no new one meanwhile, and says so when it is closed twice', async () => {
    await sameInBothWorlds(async () => {
      const log: string[] = []
      const listener = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const { port } = listener.address() as AddressInfo
      const socket = connect(port, '127.0.0.1')
      await Promise.all([once(socket, 'connect'), once(listener, 'connection')])
      listener.close(() => log.push('closed'))
      log.push(`listening ${listener.listening}`)
      await wait(20)
      const refused = connect(port, '127.0.0.1')
      log.push(...(await untilClosed(refused)))
      log.push('end')
      socket.end()
      await once(listener, 'close')
      const again = await new Promise((resolve) =>
        listener.close((error) => resolve((error as NodeJS.ErrnoException).code)),
      )
      return [log, again]
    })
  })

  it('counts its connections', async () => {
    await sameInBothWorlds(() =>
      paired(
        ({ listener }) =>
          new Promise((resolve, reject) =>
            listener.getConnections((error, count) => (error ? reject(error) : resolve(count))),
          ),
      ),
    )
  })

  it('on a port that is taken fails with the usual error', async () => {
    await sameInBothWorlds(() =>
      paired(async ({ listener }) => {
        const { port } = listener.address() as AddressInfo
        const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error')
        return [error.code, error.syscall]
      }),
    )
  })
})

describe('a BlockList', () => {
  it('is computed, so that it is the same in every world', async () => {
    await sameInBothWorlds(() => {
      const list = new BlockList()
      list.addSubnet('10.0.0.0', 8)
      return [list.check('10.1.2.3'), list.check('127.0.0.1')]
    })
  })
})
