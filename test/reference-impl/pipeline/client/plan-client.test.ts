import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { PlanClient, type PlanClientOptions } from '../../../../reference-impl/pipeline/client/plan-client.ts'
import type { WatchListener } from '../../../../reference-impl/pipeline/client/watch-listener.ts'
import { frame, type Script, ScriptedServer, sendEvents, sendFrames } from './scripted-server.ts'

/** A client that does not really wait, and says how long it would have. */
function impatient(options: Partial<PlanClientOptions> & { url: string }) {
  const delaysMs: number[] = []
  const client = new PlanClient({
    silenceMs: 20_000,
    firstDelayMs: 100,
    delayCapMs: 1000,
    random: () => 1,
    sleep: async (delayMs, signal) => {
      delaysMs.push(delayMs)
      await new Promise(setImmediate)
      signal?.throwIfAborted()
    },
    ...options,
  })
  return { client, delaysMs }
}

/** Watches plan `p` and notes what is handed over. */
function watch(client: PlanClient, { after = 0, ...more }: Partial<WatchListener> & { after?: number } = {}) {
  const ids: number[] = []
  const ways: string[] = []
  const watching = client.watch('p', {
    after,
    onEvent: ({ id }) => ids.push(id),
    onAttempt: ({ via, after }) => ways.push(`${via} ${after}`),
    ...more,
  })
  return { watching, ids, ways, done: watching.done }
}

async function scripted(script: Script, options: Partial<PlanClientOptions> = {}) {
  const server = await ScriptedServer.start(script)
  return { server, ...impatient({ url: server.url, ...options }) }
}

/** Sends what is missing up to event 5, which is the last, and closes. */
const serveRest: Script['ws'] = async (socket, { after }) => {
  const ids = [1, 2, 3, 4, 5].filter((id) => id > after)
  await sendFrames(socket, ...ids.map((id) => frame(id, id === 5 ? 'completed' : 'log')))
  socket.close(1000, 'complete')
}

const serveAllOverSse: Script['sse'] = (response) => {
  sendEvents(response, frame(1), frame(2, 'completed'))
  response.end()
}

describe('a watch of the client library', () => {
  it('goes on after the last event it has when the connection breaks', async () => {
    const { server, client } = await scripted({
      ws: async (socket, asked) => {
        if (asked.attempt === 1) return serveRest(socket, asked)
        await sendFrames(socket, frame(1), frame(2), frame(3))
        socket.terminate()
      },
    })
    await using _ = server
    const { done, ids, ways } = watch(client)
    await done
    expect({ ids, ways }).toEqual({ ids: [1, 2, 3, 4, 5], ways: ['ws 0', 'ws 3'] })
  })

  it('hands over each event once, and counts what the server sends again', async () => {
    const { server, client } = await scripted({
      ws: async (socket, asked) => {
        if (asked.attempt === 1) return serveRest(socket, { ...asked, after: asked.after - 2 })
        await sendFrames(socket, frame(1), frame(2), frame(3))
        socket.terminate()
      },
    })
    await using _ = server
    const { done, ids, watching } = watch(client)
    await done
    expect({ ids, duplicates: watching.duplicates }).toEqual({ ids: [1, 2, 3, 4, 5], duplicates: 2 })
  })

  it('does not take an event when those before it are missing, and asks for them', async () => {
    const { server, client } = await scripted({
      ws: async (socket, asked) => {
        if (asked.attempt === 1) return serveRest(socket, asked)
        await sendFrames(socket, frame(1), frame(4), frame(5, 'completed'))
      },
    })
    await using _ = server
    const { done, ids, ways } = watch(client)
    await done
    expect({ ids, ways }).toEqual({ ids: [1, 2, 3, 4, 5], ways: ['ws 0', 'ws 1'] })
  })

  it('tells of a gap, and goes on behind it', async () => {
    const { server, client } = await scripted({
      ws: (socket) =>
        void sendFrames(socket, { type: 'gap', data: { from: 1, to: 3 } }, frame(4), frame(5, 'completed')),
    })
    await using _ = server
    const gaps: number[][] = []
    const { done, ids } = watch(client, { onGap: (from, to) => gaps.push([from, to]) })
    await done
    expect({ ids, gaps }).toEqual({ ids: [4, 5], gaps: [[1, 3]] })
  })

  it.each([400, 404, 410])('stops at once when it is refused for good with %i', async (status) => {
    const { server, client, delaysMs } = await scripted({ refuseUpgrade: () => status })
    await using _ = server
    await expect(watch(client).done).rejects.toMatchObject({ name: 'Refusal', status })
    expect({ asked: server.asked, delaysMs }).toEqual({ asked: ['ws 0'], delaysMs: [] })
  })

  it('takes the next way when WebSockets are barred, and the one after when streams are barred too', async () => {
    const { server, client } = await scripted({
      refuseUpgrade: () => 426,
      sse: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Welcome</p>'),
      rest: (response, { attempt }) => {
        const events = attempt === 0 ? [frame(1)] : [frame(2), frame(3, 'completed')]
        response.end(JSON.stringify({ events, gap: null, ended: attempt === 1 }))
      },
    })
    await using _ = server
    const { done, ids } = watch(client)
    await done
    expect({ ids, asked: server.asked }).toEqual({ ids: [1, 2, 3], asked: ['ws 0', 'sse 0', 'rest 0', 'rest 1'] })
  })

  it('takes the next way when one lets it in and brings nothing, twice in a row', async () => {
    const { server, client } = await scripted({ ws: (socket) => socket.terminate(), sse: serveAllOverSse })
    await using _ = server
    const { done, ids, ways } = watch(client)
    await done
    expect({ ids, ways }).toEqual({ ids: [1, 2], ways: ['ws 0', 'ws 0', 'sse 0'] })
  })

  it('keeps to a way that breaks often but brings something each time', async () => {
    const { server, client } = await scripted({
      ws: async (socket, { after }) => {
        await sendFrames(socket, frame(after + 1, after === 4 ? 'completed' : 'log'))
        socket.terminate()
      },
      sse: serveAllOverSse,
    })
    await using _ = server
    const { done, ways } = watch(client)
    await done
    expect(ways).toEqual(['ws 0', 'ws 1', 'ws 2', 'ws 3', 'ws 4'])
  })

  it('keeps to a way that brought nothing only once in a row', async () => {
    const { server, client } = await scripted({
      ws: async (socket, asked) => {
        if (asked.attempt === 3) return serveRest(socket, asked)
        if (asked.attempt === 1) await sendFrames(socket, frame(1))
        socket.terminate()
      },
      sse: serveAllOverSse,
    })
    await using _ = server
    const { done, ways } = watch(client)
    await done
    expect(ways).toEqual(['ws 0', 'ws 0', 'ws 1', 'ws 1'])
  })

  it('gives a connection up on which nothing comes, not even a heartbeat', async () => {
    const { server, client } = await scripted(
      { ws: (socket, asked) => void (asked.attempt === 1 && serveRest(socket, asked)) },
      { silenceMs: 30 },
    )
    await using _ = server
    const closings: string[] = []
    const { done, ids } = watch(client, { onClosing: ({ reason }) => closings.push(reason) })
    await done
    expect(ids).toEqual([1, 2, 3, 4, 5])
    expect(closings[0]).toBe('lost')
  })

  it('gives a request up to which no answer comes', async () => {
    const { server, client } = await scripted(
      {
        refuseUpgrade: () => 426,
        sse: (response, { attempt }) => void (attempt === 1 && serveAllOverSse(response, { after: 0, attempt })),
      },
      { silenceMs: 30 },
    )
    await using _ = server
    const { done, ids } = watch(client)
    await done
    expect(ids).toEqual([1, 2])
  })

  it('takes a stream that cannot be read for a broken one', async () => {
    const { server, client } = await scripted({
      refuseUpgrade: () => 426,
      sse: (response, { attempt }) => {
        if (attempt === 1) return serveAllOverSse!(response, { after: 0, attempt })
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\nevent: log\ndata: {"n":\n\n')
      },
    })
    await using _ = server
    const { done, ids } = watch(client)
    await done
    expect(ids).toEqual([1, 2])
  })

  it('waits longer from attempt to attempt, up to the cap, and briefly again after a success', async () => {
    const { server, client, delaysMs } = await scripted({
      refuseUpgrade: ({ attempt }) => (attempt < 6 ? 500 : null),
      ws: async (socket, asked) => {
        if (asked.after > 0) return serveRest(socket, asked)
        await sendFrames(socket, frame(1))
        socket.terminate()
      },
    })
    await using _ = server
    await watch(client).done
    expect(delaysMs).toEqual([100, 200, 400, 800, 1000, 1000, 100])
  })

  it('waits as long as an overloaded server asks', async () => {
    const { server, client, delaysMs } = await scripted({
      refuseUpgrade: ({ attempt }) => (attempt === 0 ? 503 : null),
      ws: serveRest,
    })
    await using _ = server
    await watch(client).done
    expect(delaysMs).toEqual([7000])
  })

  it('waits until a server that nobody can reach is ready, and then asks the same way again', async () => {
    const before = await ScriptedServer.start({})
    const { port, url } = before
    await before[Symbol.asyncDispose]()
    const ready: Script['healthz'] = (response, { attempt }) =>
      void response.writeHead(attempt < 3 ? 503 : 200).end('{}')
    let server: ScriptedServer | undefined
    const { client } = impatient({
      url,
      sleep: async () => {
        server ??= await ScriptedServer.start({ ws: serveRest, healthz: ready }, port)
      },
    })
    await watch(client).done
    await using _ = server!
    expect(server!.asked).toEqual(['healthz 0', 'healthz 0', 'healthz 0', 'healthz 0', 'ws 0'])
  })

  it('rejects with what any part of the listener threw, and leaves no connection', async () => {
    const left: Promise<unknown>[] = []
    const { server, client } = await scripted({ ws: (socket) => void left.push(once(socket, 'close')) })
    await using _ = server
    const error = new Error('no such file')
    const { done } = watch(client, {
      onConnection: () => {
        throw error
      },
    })
    await expect(done).rejects.toMatchObject({ name: 'ListenerFailed', cause: error })
    await Promise.all(left)
  })

  it('rejects with what the listener threw, and leaves', async () => {
    const left: Promise<unknown>[] = []
    const { server, client } = await scripted({
      ws: (socket) => {
        left.push(once(socket, 'close'))
        sendFrames(socket, frame(1), frame(2))
      },
    })
    await using _ = server
    const seen: number[] = []
    const error = new Error('disk full')
    const { done } = watch(client, {
      onEvent: ({ id }) => {
        seen.push(id)
        throw error
      },
    })
    await expect(done).rejects.toMatchObject({ name: 'ListenerFailed', cause: error })
    await Promise.all(left)
    expect(seen).toEqual([1])
  })

  it('does not go on in another plan that was given the same id', async () => {
    const { server, client } = await scripted({
      stream: ({ attempt }) => `p#${attempt + 1}`,
      ws: async (socket, { attempt }) => {
        await sendFrames(socket, frame(attempt === 0 ? 1 : 2))
        if (attempt === 0) socket.terminate()
      },
    })
    await using _ = server
    const { done, ids } = watch(client)
    await expect(done).rejects.toMatchObject({ status: 410, message: expect.stringContaining('p#2') })
    expect(ids).toEqual([1])
  })

  it('rejects with an AbortError when it is closed, and leaves no connection', async () => {
    let left: Promise<unknown> | undefined
    const { server, client } = await scripted({
      ws: (socket) => {
        left = once(socket, 'close')
        sendFrames(socket, frame(1))
      },
    })
    await using _ = server
    const { watching, done } = watch(client, { onEvent: () => watching.close() })
    await expect(done).rejects.toMatchObject({ name: 'AbortError' })
    await left
    expect(server.asked).toEqual(['ws 0'])
  })

  it('hands nothing over after it was closed, not even what had come already', async () => {
    const { server, client } = await scripted({ refuseUpgrade: () => 426, sse: serveAllOverSse })
    await using _ = server
    const seen: number[] = []
    const { done, watching } = watch(client, {
      onEvent: ({ id }) => {
        seen.push(id)
        watching.close()
      },
    })
    await expect(done).rejects.toMatchObject({ name: 'AbortError' })
    expect(seen).toEqual([1])
  })

  it('opens its connections by the hook that it was given', async () => {
    const sockets: Socket[] = []
    const server = await ScriptedServer.start({ ws: serveRest })
    await using _ = server
    const { client } = impatient({
      url: server.url,
      connect: () => {
        sockets.push(connect(server.port, '127.0.0.1'))
        return sockets.at(-1)!
      },
    })
    await watch(client).done
    expect(sockets).toHaveLength(1)
  })
})

describe('the address of a server', () => {
  it('may end with a slash', async () => {
    const server = await ScriptedServer.start({ ws: serveRest })
    await using _ = server
    await watch(impatient({ url: `${server.url}/` }).client).done
    expect(server.asked).toEqual(['ws 0'])
  })

  it.each(['https://127.0.0.1', 'ws://127.0.0.1', '127.0.0.1:80', ''])('is not %j', (url) => {
    expect(() => new PlanClient({ url })).toThrow('expected an address such as http://')
  })
})

describe('waiting for readiness', () => {
  it('asks with growing pauses, and not again once the server is ready', async () => {
    const { server, client, delaysMs } = await scripted({
      healthz: (response, { attempt }) => void response.writeHead(attempt < 5 ? 503 : 200).end('{}'),
    })
    await using _ = server
    await client.ready()
    expect({ asked: server.asked.length, delaysMs }).toEqual({ asked: 6, delaysMs: [100, 200, 400, 800, 1000] })
  })

  it('ends when its signal does', async () => {
    const left = new AbortController()
    const { server, client } = await scripted({
      healthz: (response) => {
        left.abort()
        response.writeHead(503).end()
      },
    })
    await using _ = server
    await expect(client.ready(left.signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})
