import { channel } from 'node:diagnostics_channel'
import { expect, it, onTestFinished } from 'vitest'
import { LineCaller } from '../../../reference-impl/mcp/line-caller.ts'
import { SubAgentRunner } from '../../../reference-impl/mcp/sub-agent-runner.ts'
import { call, folder, gate, httpClient, server, stdioClient, until } from './fixture.ts'

/** A signal of its own for each call, that never comes. */
const never = () => new AbortController().signal

/** Counts what is open of each kind of resource that is opened from now on. */
function openResources(): Map<string, number> {
  const open = new Map<string, number>()
  const count = (message: unknown) => {
    const { event, resource } = message as { event: 'open' | 'close'; resource: string }
    open.set(resource, (open.get(resource) ?? 0) + (event === 'open' ? 1 : -1))
  }
  channel('raceproof:resource').subscribe(count)
  onTestFinished(() => void channel('raceproof:resource').unsubscribe(count))
  return open
}

it('lets a stdio client and HTTP clients that start one session at once share it', async () => {
  const { mcpUrl, lines } = await server()
  const stdio = new LineCaller(lines, 'stdio')
  const clients = await Promise.all(Array.from({ length: 10 }, () => httpClient(mcpUrl)))
  const input = { sessionId: 's1', workflow: 'incident' }
  const [first, ...others] = await Promise.all([
    stdio.call('start_workflow', input, never()).then(({ structured }) => structured),
    ...clients.map((client) => call(client, 'start_workflow', input)),
  ])
  expect(first?.instance).toMatch(/^[\w-]{36}$/)
  expect(new Set(others.map(({ instance }) => instance))).toEqual(new Set([first?.instance]))
})

it('sees over one transport at once what was changed over the other', async () => {
  const { mcpUrl, lines } = await server()
  const stdio = new LineCaller(lines, 'stdio')
  const http = await httpClient(mcpUrl)
  await stdio.call('start_workflow', { sessionId: 's1', workflow: 'incident' }, never())
  await call(http, 'advance_workflow', { sessionId: 's1' })
  expect((await stdio.call('get_session', { sessionId: 's1' }, never())).structured.phase).toBe(1)
})

it('loses no advance when both transports advance one session at once', async () => {
  const { mcpUrl, lines } = await server()
  const stdio = new LineCaller(lines, 'stdio')
  const http = await httpClient(mcpUrl)
  const phases = Array.from({ length: 30 }, (_, index) => `phase-${index}`)
  await call(http, 'update_metadata', { workflow: 'long', phases })
  await call(http, 'start_workflow', { sessionId: 's1', workflow: 'long' })
  const answers = await Promise.all(
    phases.map((_, index) =>
      index % 2 === 0
        ? call(http, 'advance_workflow', { sessionId: 's1' })
        : stdio.call('advance_workflow', { sessionId: 's1' }, never()).then(({ structured }) => structured),
    ),
  )
  expect(answers.map(({ phase }) => Number(phase)).sort((a, b) => a - b)).toEqual(phases.map((_, index) => index + 1))
})

it('runs a sub-agent that changes the same session over HTTP while the call over stdio is open', async () => {
  const open = openResources()
  const { lines } = await server()
  const stdio = new LineCaller(lines, 'stdio')
  const { structured } = await stdio.call('start_workflow', { sessionId: 's1', workflow: 'incident' }, never())
  const asked = { sessionId: 's1', query: 'deadlock', advance: true }
  const answer = await stdio.call('run_subagent', asked, never())
  expect(answer.structured).toMatchObject({
    phase: 1,
    instance: structured.instance,
    report: { phase: 1, instance: structured.instance, found: expect.arrayContaining(['Lock ordering']) },
  })
  expect(open).toEqual(
    new Map([
      ['file-lock', 0],
      ['mcp-session', 0],
      ['sub-agent', 0],
    ]),
  )
})

it('lets others advance a session while a sub-agent is at work on it', async () => {
  const { opened, open } = gate()
  class SlowRunner extends SubAgentRunner {
    protected override async delegate(...args: Parameters<SubAgentRunner['delegate']>) {
      await opened
      return super.delegate(...args)
    }
  }
  const { mcpUrl, lines } = await server({ parts: { SubAgentRunner: SlowRunner } })
  const stdio = new LineCaller(lines, 'stdio')
  const http = await httpClient(mcpUrl)
  await stdio.call('start_workflow', { sessionId: 's1', workflow: 'incident' }, never())
  const running = stdio.call('run_subagent', { sessionId: 's1', query: 'deadlock' }, never())
  expect(await call(http, 'advance_workflow', { sessionId: 's1' })).toHaveProperty('phase', 1)
  open()
  expect((await running).structured).toHaveProperty('phase', 1)
})

it('keeps a session in memory while a sub-agent is at work on it, however long that takes', async () => {
  const { opened, open } = gate()
  class SlowRunner extends SubAgentRunner {
    protected override async delegate(...args: Parameters<SubAgentRunner['delegate']>) {
      await opened
      return super.delegate(...args)
    }
  }
  const config = { sessionIdleMs: 0, reapEveryMs: 1 }
  const { mcpUrl } = await server({ config, parts: { SubAgentRunner: SlowRunner } })
  const http = await httpClient(mcpUrl)
  await call(http, 'start_workflow', { sessionId: 'kept', workflow: 'incident' })
  const running = call<{ instance: string; report: { instance: string } }>(http, 'run_subagent', {
    sessionId: 'kept',
    query: 'deadlock',
  })
  const seen = await call(http, 'start_workflow', { sessionId: 'kept', workflow: 'incident' })
  await call(http, 'start_workflow', { sessionId: 'dropped', workflow: 'incident' })
  const { instance } = await call(http, 'get_session', { sessionId: 'dropped' })
  await until(async () => (await call(http, 'get_session', { sessionId: 'dropped' })).instance !== instance)
  open()
  expect((await running).report.instance).toBe(seen.instance)
})

it('refuses to run a sub-agent where there is no HTTP to call back over', async () => {
  const client = await stdioClient(['--transports', 'stdio', '--state-dir', await folder()])
  await call(client, 'start_workflow', { sessionId: 's1', workflow: 'incident' })
  await expect(call(client, 'run_subagent', { sessionId: 's1', query: 'deadlock' })).rejects.toThrow(
    /start the server with --transports both/,
  )
})
