import { Agent } from 'node:http'
import { CallAbandoned, CallFailed, type ClientContext, type HistoryEvent } from 'raceproof'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Recorder } from '../../../harness/history/recorder.ts'
import { Random } from '../../../harness/random.ts'
import { type McpParts, mcpParts } from '../../../reference-impl/mcp/server.ts'
import { StateManager } from '../../../reference-impl/mcp/state-manager.ts'
import { SubAgentRunner } from '../../../reference-impl/mcp/sub-agent-runner.ts'
import { McpClient } from '../../../reference-impl/mcp/target-client.ts'
import { type ServerOptions, server } from './fixture.ts'

/** Clients of a server, with the history that they write; the first speaks stdio. */
async function crowd(size: number, options: ServerOptions = {}, signal = new AbortController().signal) {
  const { url, lines } = await server(options)
  const history: HistoryEvent[] = []
  const recorder = new Recorder(
    () => performance.now(),
    (event) => void history.push(event),
  )
  const clients = Array.from({ length: size }, (_, index) => {
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const id = `c${index}`
    const call: ClientContext['call'] = (f, input, run, given) => recorder.call(id, f, input, run, given?.readOnly)
    const world = { id, index, url, agent, signal, call, stdio: lines, parts: mcpParts, random: new Random(1) }
    return new McpClient(world as unknown as ClientContext<McpParts>)
  })
  return { clients, history }
}

describe.each([
  ['stdio', 0],
  ['HTTP', 1],
])('a client over %s', (_way, index) => {
  it('does every operation, and gets back the marker of each', async () => {
    const { clients, history } = await crowd(2)
    const client = clients[index]!
    await client.startWorkflow('s1')
    await client.getSession('s1')
    await client.advance('s1')
    await client.search('lock')
    await client.loadCheckpoint('incident', 'contain')
    await client.updateMetadata('incident', { title: 'Another' })
    await client.metadata()
    await client.runSubagent('s1', 'lock', { advance: true })
    await client.cacheMetrics()
    await client.clearSessionCache()
    await client.close()
    const answered = history.flatMap((event) => (event.type === 'ok' ? [event.output] : []))
    const asked = history.flatMap((event) => (event.type === 'invoke' ? [event.input] : []))
    expect(answered).toHaveLength(11)
    const markersOf = (values: unknown[]) => values.map((value) => (value as { marker?: string } | undefined)?.marker)
    expect(markersOf(answered).slice(0, -1)).toEqual(markersOf(asked).slice(0, -1))
    expect(new Set(markersOf(asked)).size).toBe(11)
  })

  it('tells a refusal, which had no effect, from a fault of the server, of which nobody knows', async () => {
    class Broken extends StateManager {
      override change(): never {
        throw new Error('the disk is full')
      }
    }
    const { clients, history } = await crowd(2, { parts: { StateManager: Broken } })
    const client = clients[index]!
    await expect(client.getSession('nobody')).rejects.toThrow(CallFailed)
    await expect(client.startWorkflow('s1')).rejects.toThrow('start_workflow: the disk is full')
    expect(history.flatMap((event) => ('error' in event ? [[event.type, event.status]] : []))).toEqual([
      ['fail', undefined],
      ['info', -32603],
    ])
  })

  it('gives up an open call when the harness does', async () => {
    class Stuck extends SubAgentRunner {
      override run(): Promise<never> {
        return new Promise(() => {})
      }
    }
    const giveUp = new AbortController()
    const { clients } = await crowd(2, { config: { drainMs: 0 }, parts: { SubAgentRunner: Stuck } }, giveUp.signal)
    const client = clients[index]!
    await client.startWorkflow('s1')
    const running = client.runSubagent('s1', 'lock')
    giveUp.abort()
    await expect(running).rejects.toThrow(CallAbandoned)
  })

  it('opens another session with its next call after it was closed', async () => {
    const { clients } = await crowd(2)
    const client = clients[index]!
    await client.startWorkflow('s1')
    await client.close()
    expect(await client.getSession('s1')).toHaveProperty('phase', 0)
  })
})
