import { channel } from 'node:diagnostics_channel'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HttpCaller } from '../../../reference-impl/mcp/http-caller.ts'
import { initializeParams, rpcRequest } from '../../../reference-impl/mcp/json-rpc.ts'
import type { SubAgentTask } from '../../../reference-impl/mcp/sub-agent.ts'
import { SubAgentRunner } from '../../../reference-impl/mcp/sub-agent-runner.ts'
import { call, gate, httpClient, server, until } from './fixture.ts'

const never = new AbortController().signal

function rawClient(url: string): HttpCaller {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  return new HttpCaller({ url, agent, name: 'raw' })
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

function post(url: string, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(message) })
}

/** The MCP sessions that end from now on. */
function endedSessions(): string[] {
  const ended: string[] = []
  const note = (message: unknown) => {
    const { event, resource, id } = message as Record<string, string>
    if (event === 'close' && resource === 'mcp-session') ended.push(id!)
  }
  channel('raceproof:resource').subscribe(note)
  onTestFinished(() => void channel('raceproof:resource').unsubscribe(note))
  return ended
}

const initialize = rpcRequest('1', 'initialize', initializeParams('test'))
const start = { sessionId: 's1', workflow: 'incident' }

describe('an MCP session over HTTP', () => {
  it('ends with DELETE, after which its id is unknown', async () => {
    const { mcpUrl } = await server()
    const transport = new StreamableHTTPClientTransport(new URL(mcpUrl))
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(transport)
    const headers = { 'mcp-session-id': transport.sessionId! }
    await transport.terminateSession()
    const answer = await post(mcpUrl, rpcRequest('2', 'tools/list', {}), headers)
    expect(answer.status).toBe(404)
    await client.close()
  })

  it('is unknown under an id that the server never gave', async () => {
    const { mcpUrl } = await server()
    const answer = await post(mcpUrl, rpcRequest('1', 'tools/list', {}), { 'mcp-session-id': 'made-up' })
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Session not found' } },
    ])
  })

  it('is not opened by anything but initialize', async () => {
    const { mcpUrl } = await server({ config: { clients: 1 } })
    expect((await post(mcpUrl, rpcRequest('1', 'tools/list', {}))).status).toBe(400)
    expect(await call(await httpClient(mcpUrl), 'get_metadata')).toHaveProperty('revision', 0)
  })

  it('ends when its client falls silent', async () => {
    const { mcpUrl } = await server({ config: { clientIdleMs: 0, reapEveryMs: 1 } })
    const id = (await post(mcpUrl, initialize)).headers.get('mcp-session-id') ?? ''
    await until(async () => {
      const answer = await post(mcpUrl, rpcRequest('2', 'ping', {}), { 'mcp-session-id': id })
      await answer.text()
      return answer.status === 404
    })
  })

  it('does not end while its client listens, however silent it is', async () => {
    const ended = endedSessions()
    const { mcpUrl } = await server({ config: { clientIdleMs: 500, reapEveryMs: 1 } })
    // The SDK's client keeps a stream open to listen.
    const listening = await httpClient(mcpUrl)
    const silent = (await post(mcpUrl, initialize)).headers.get('mcp-session-id')
    await until(() => ended.length > 0)
    expect(ended).toEqual([silent])
    expect(await call(listening, 'get_metadata')).toHaveProperty('revision', 0)
  })

  it('is refused past the cap with 503 and when to come again, until another ends', async () => {
    const { mcpUrl } = await server({ config: { clients: 2 } })
    const [first, second] = [rawClient(mcpUrl), rawClient(mcpUrl)]
    await Promise.all([first.call('get_metadata', {}, never), second.call('get_metadata', {}, never)])
    const refused = await post(mcpUrl, initialize)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.text()).toContain('the server has 2 clients, which is the most')
    await first.close(never)
    expect((await post(mcpUrl, initialize)).status).toBe(200)
  })

  it('keeps the cap when many ask at once', async () => {
    const { mcpUrl } = await server({ config: { clients: 3 } })
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(mcpUrl, initialize)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    await Promise.all(answers.map((answer) => answer.text()))
  })

  it('gives equal request ids of two clients to their own askers', async () => {
    const { mcpUrl } = await server()
    const names = ['one', 'two']
    const ids = await Promise.all(names.map(async () => (await post(mcpUrl, initialize)).headers.get('mcp-session-id')))
    const asked = names.map((marker, index) =>
      post(mcpUrl, rpcRequest('same', 'tools/call', { name: 'search', arguments: { query: 'lock', marker } }), {
        'mcp-session-id': ids[index]!,
      }),
    )
    const texts = await Promise.all((await Promise.all(asked)).map((answer) => answer.text()))
    for (const [index, text] of texts.entries()) expect(text).toContain(`"marker":"${names[index]}"`)
  })
})

describe('the HTTP adapter', () => {
  it('says that it is healthy, and that it knows nothing of other paths', async () => {
    const { url } = await server()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/else`)).status).toBe(404)
  })

  it('refuses a foreign Host, so that no web page can rebind a name to it', async () => {
    const { mcpUrl } = await server()
    const status = await new Promise((resolve) => {
      httpRequest(mcpUrl, { headers: { host: 'evil.example' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBe(403)
  })

  it('rejects at the start when the port is taken', async () => {
    const first = await server()
    const { port } = new URL(first.url!)
    await expect(server({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('goes on when a client vanishes in the middle of a request', async () => {
    const { mcpUrl, url } = await server()
    const socket = connect(Number(new URL(url!).port), '127.0.0.1')
    socket.end('POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\n{')
    await new Promise((resolve) => socket.once('close', resolve).resume())
    expect(await call(await httpClient(mcpUrl), 'get_metadata')).toHaveProperty('revision', 0)
  })
})

describe('a shutdown', () => {
  it('lets an open call end and refuses new ones', async () => {
    const asked = gate()
    const goOn = gate()
    class SlowRunner extends SubAgentRunner {
      override async run({ sessionId, query }: SubAgentTask, client: string) {
        asked.open()
        await goOn.opened
        const session = await this.engine.readSession(sessionId, client)
        return { session, report: { agent: 'none', instance: session.instance, phase: 0, found: [query] } }
      }
    }
    const { mcpUrl, stop } = await server({ parts: { SubAgentRunner: SlowRunner } })
    const [client, other] = [rawClient(mcpUrl), rawClient(mcpUrl)]
    await client.call('start_workflow', start, never)
    await other.call('get_metadata', {}, never)
    const running = client.call('run_subagent', { sessionId: 's1', query: 'lock' }, never)
    await asked.opened
    const stopped = stop()
    await expect(other.call('get_metadata', {}, never)).rejects.toThrow()
    goOn.open()
    expect((await running).structured).toHaveProperty('phase', 0)
    await stopped
  })

  it('ends streams that clients keep open to listen', async () => {
    const { mcpUrl, stop } = await server()
    const client = await httpClient(mcpUrl)
    await call(client, 'get_metadata')
    await stop()
    await expect(fetch(mcpUrl)).rejects.toThrow()
  })
})
