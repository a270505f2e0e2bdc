import type { Client } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { call, folder, httpClient, server, stdioClient } from './fixture.ts'

const ways: Record<string, () => Promise<Client>> = {
  'stdio, as a process of its own': async () => stdioClient(['--transports', 'stdio', '--state-dir', await folder()]),
  HTTP: async () => httpClient((await server()).mcpUrl),
}

const toolNames = [
  'advance_workflow',
  'cache_metrics',
  'clear_session_cache',
  'get_metadata',
  'get_session',
  'load_checkpoint',
  'run_subagent',
  'search',
  'start_workflow',
  'update_metadata',
]

describe.each(Object.entries(ways))('the tools over %s', (_way, connect) => {
  it('are all there, and say what they take', async () => {
    const { tools } = await (await connect()).listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual(toolNames)
    for (const { inputSchema } of tools) expect(inputSchema.properties).toHaveProperty('marker')
  })

  it('start, show and advance a session through all its phases', async () => {
    const client = await connect()
    const begun = await call(client, 'start_workflow', { sessionId: 's1', workflow: 'incident' })
    expect(begun).toMatchObject({ sessionId: 's1', workflow: 'incident', phase: 0, status: 'running' })
    for (let phase = 1; phase <= 4; phase++) {
      const status = phase === 4 ? 'completed' : 'running'
      expect(await call(client, 'advance_workflow', { sessionId: 's1' })).toMatchObject({ phase, status })
    }
    const ended = await call(client, 'get_session', { sessionId: 's1' })
    expect(ended).toMatchObject({ phase: 4, status: 'completed', instance: begun.instance })
    expect((ended.passed as { phase: string; requirements: string[] }[])[0]).toEqual({
      phase: 'contain',
      requirements: ['Users are no longer harmed, or know what to expect.', 'What was switched off is written down.'],
    })
    await expect(call(client, 'advance_workflow', { sessionId: 's1' })).rejects.toThrow(/passed all 4 phases/)
  })

  it('echo the marker of their call, also when they refuse', async () => {
    const client = await connect()
    const started = { sessionId: 's1', workflow: 'incident', marker: 'mine' }
    expect(await call(client, 'start_workflow', started)).toHaveProperty('marker', 'mine')
    const unknown = { name: 'get_session', arguments: { sessionId: 'nobody', marker: 'also mine' } }
    expect((await client.callTool(unknown)).structuredContent).toEqual({
      reason: 'unknown-session',
      marker: 'also mine',
    })
  })

  it('search the documents, best first', async () => {
    const { hits } = await call<{ hits: { title: string; score: number }[] }>(await connect(), 'search', {
      query: 'stale lock file',
    })
    expect(hits[0]?.title).toBe('Lock files and stale locks')
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a))
  })

  it('load checkpoints, and refuse what does not exist by naming what does', async () => {
    const client = await connect()
    const locking = await call(client, 'load_checkpoint', { workflow: 'change-review', phase: 'locking' })
    expect(locking.requirements).toHaveLength(3)
    await expect(call(client, 'load_checkpoint', { workflow: 'incident', phase: 'cry' })).rejects.toThrow(
      "'incident' has no phase 'cry'; it has contain, observe, explain, prevent",
    )
    await expect(call(client, 'start_workflow', { sessionId: 's', workflow: 'nap' })).rejects.toThrow(
      "there is no workflow 'nap'; there are change-review, incident, race-hunt",
    )
  })

  it('change metadata, which the next start sees', async () => {
    const client = await connect()
    await call(client, 'update_metadata', { workflow: 'nap', phases: ['doze', 'wake'] })
    expect(await call(client, 'get_metadata')).toMatchObject({
      revision: 1,
      workflows: { nap: { title: 'nap', phases: ['doze', 'wake'] } },
    })
    expect(await call(client, 'start_workflow', { sessionId: 's', workflow: 'nap' })).toMatchObject({ phase: 0 })
  })

  it('count each lookup of a cache as exactly one of hit, miss and avoided load', async () => {
    const client = await connect()
    const searches = Array.from({ length: 20 }, (_, index) =>
      call(client, 'search', { query: index % 2 === 0 ? 'deadlock' : 'jitter' }),
    )
    await Promise.all(searches)
    const { caches } = await call<{ caches: Record<string, Record<string, number>> }>(client, 'cache_metrics', {
      reset: true,
    })
    const { hits = 0, misses = 0, avoidedLoads = 0, doubleLoads } = caches.rag ?? {}
    expect({ lookups: hits + misses + avoidedLoads, misses, doubleLoads }).toEqual({
      lookups: 20,
      misses: 2,
      doubleLoads: 0,
    })
    expect(await call(client, 'cache_metrics')).toHaveProperty('caches.rag.hits', 0)
  })

  it('drop sessions from memory and find them again on disk', async () => {
    const client = await connect()
    const before = await call(client, 'start_workflow', { sessionId: 's1', workflow: 'incident' })
    await call(client, 'advance_workflow', { sessionId: 's1' })
    expect(await call(client, 'clear_session_cache')).toHaveProperty('cleared', 1)
    const after = await call(client, 'get_session', { sessionId: 's1' })
    expect(after).toHaveProperty('phase', 1)
    expect(after.instance).not.toBe(before.instance)
  })

  it('refuse a session id that could not name a file', async () => {
    await expect(
      call(await connect(), 'start_workflow', { sessionId: '../escape', workflow: 'incident' }),
    ).rejects.toThrow(/expected 1 to 100 letters/)
  })

  it('refuse to start a session under the id of another workflow', async () => {
    const client = await connect()
    await call(client, 'start_workflow', { sessionId: 's1', workflow: 'incident' })
    await expect(call(client, 'start_workflow', { sessionId: 's1', workflow: 'race-hunt' })).rejects.toThrow(
      "session 's1' runs 'incident', not 'race-hunt'",
    )
  })
})
