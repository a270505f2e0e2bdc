import { Agent, createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { CallAbandoned, CallFailed, type ClientContext, calls, Random } from 'raceproof'
import { afterEach, describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { Recorder } from '../../../harness/history/recorder.ts'
import type { Components } from '../../../reference-impl/state/components.ts'
import { state } from '../../../reference-impl/state/target.ts'
import type { StateClient } from '../../../reference-impl/state/target-client.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A client of the server at that address, with what it records. */
function clientOf(url: string): { client: StateClient; history: HistoryEvent[]; giveUp: () => void } {
  const history: HistoryEvent[] = []
  const recorder = new Recorder(
    () => performance.now(),
    (event) => history.push(event),
  )
  const agent = new Agent({ keepAlive: true })
  closers.push(async () => agent.destroy())
  const abort = new AbortController()
  const context: ClientContext<Components> = {
    id: 'c0',
    index: 0,
    url,
    parts: state.parts,
    random: new Random(1),
    agent,
    connect: () => createConnection(Number(new URL(url).port), '127.0.0.1'),
    stdio: null,
    signal: abort.signal,
    call: (f, input, run, { readOnly = false } = {}) => recorder.call('c0', f, input, run, readOnly),
    subscribe: (subscribing) => recorder.subscribe('c0', subscribing),
    fault: () => () => {},
  }
  return { client: state.client(context), history, giveUp: () => abort.abort() }
}

async function bootState() {
  const server = await state.start({
    parts: state.parts,
    config: { ...state.config, workers: 2, maxSteps: 1_000_000_000 },
    host: '127.0.0.1',
    port: 0,
    dataDir: '',
    stdin: process.stdin,
    stdout: process.stdout,
  })
  closers.push(() => server.stop())
  return clientOf(server.url as string)
}

/** A server that answers everything in one way. */
async function bootAnswering(answer: (response: ServerResponse) => void): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('a client of the state server', () => {
  it('does all that the server offers, and records each call with its marker echoed', async () => {
    const { client, history } = await bootState()
    await client.setService('qsfp_service', true)
    expect((await client.updateServices({ sai: false })).services).toEqual({ sai: false })
    expect((await client.services()).services).toMatchObject({ qsfp_service: true, sai: false })
    await client.startTest({ script: 'x', bin: 'b', topology: 't' })
    expect((await client.testStatus()).script).toBe('x')
    await client.stopTest()
    await client.startSimulation({ id: 'sim', steps: 1_000_000_000 })
    while ((await client.simulation('sim')).state === 'queued');
    await client.stopSimulation('sim')
    expect((await client.listSimulations()).jobs).toHaveLength(1)
    await client.startAnalysis({ id: 'one', steps: 5 })
    while ((await client.analysis('one')).state !== 'completed');
    await client.restartAnalysis('one')
    while ((await client.analysis('one')).state !== 'completed');
    expect((await client.cleanupAnalyses(0)).removed).toEqual(['one'])
    await client.startAnalysis({ id: 'two', steps: 1_000_000_000 })
    await client.stopAnalysis('two')
    expect((await client.listAnalyses()).jobs).toHaveLength(1)

    const recorded = calls(history)
    expect(new Set(recorded.map(({ f }) => f)).size).toBe(16)
    for (const { input, outcome } of recorded) {
      const { marker } = input as { marker: string }
      expect(marker).toMatch(/^c0-\d+$/)
      expect(outcome).toMatchObject({ type: 'ok', output: { marker } })
    }
    expect(new Set(recorded.map(({ input }) => (input as { marker: string }).marker)).size).toBe(recorded.length)
  })

  it('tells a refusal as without effect, with its status and reason', async () => {
    const { client, history } = await bootState()
    await expect(client.stopTest()).rejects.toThrow(CallFailed)
    expect(calls(history)[0]?.outcome).toMatchObject({ type: 'fail', status: 409, error: '409: no test is running' })
  })

  it('does not know what a server error has done', async () => {
    const { url } = await bootAnswering((response) => response.writeHead(500).end('{}'))
    const { client, history } = clientOf(url)
    await expect(client.stopTest()).rejects.toThrow('500: no reason was given')
    expect(calls(history)[0]?.outcome).toMatchObject({ type: 'info', status: 500 })
  })

  it('does not know what became of a request whose connection was cut, but of one that nobody took', async () => {
    const { url, server } = await bootAnswering((response) => response.destroy())
    const { client, history } = clientOf(url)
    await expect(client.stopTest()).rejects.toThrow()
    await new Promise((resolve) => server.close(resolve))
    await expect(client.stopTest()).rejects.toThrow(CallFailed)
    expect(calls(history).map(({ outcome }) => outcome.type)).toEqual(['info', 'fail'])
  })

  it('lets go of an open call when the harness gives up', async () => {
    const { url } = await bootAnswering(() => {})
    const { client, history, giveUp } = clientOf(url)
    const call = client.stopTest()
    setImmediate(giveUp)
    await expect(call).rejects.toThrow(CallAbandoned)
    expect(calls(history)[0]?.outcome).toMatchObject({ type: 'info', abandoned: true })
  })
})
