import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { HttpCaller } from '../../../reference-impl/mcp/http-caller.ts'
import { call, folder, httpClient, serverProcess } from './fixture.ts'

const never = new AbortController().signal
const phases = Array.from({ length: 60 }, (_, index) => `phase-${index}`)
const metadata = JSON.stringify({ revision: 1, workflows: { long: { title: 'A long one', phases } } })

async function twoProcesses() {
  const stateDir = await folder()
  await writeFile(join(stateDir, 'metadata.json'), metadata)
  const args = ['--transports', 'http', '--state-dir', stateDir]
  return Promise.all([serverProcess(args), serverProcess(args)])
}

it('two processes over one folder lose none of 60 advances of one session', async () => {
  const processes = await twoProcesses()
  const clients = await Promise.all(processes.map(({ mcpUrl }) => httpClient(mcpUrl)))
  const start = { sessionId: 's1', workflow: 'long' }
  const views = await Promise.all(clients.map((client) => call(client, 'start_workflow', start)))
  expect(views.map(({ phase }) => phase)).toEqual([0, 0])

  const advances = phases.map((_, index) => call(clients[index % 2]!, 'advance_workflow', { sessionId: 's1' }))
  const reached = (await Promise.all(advances)).map(({ phase }) => Number(phase))
  expect(reached.sort((a, b) => a - b)).toEqual(phases.map((_, index) => index + 1))
  for (const client of clients) {
    const { passed, ...session } = await call(client, 'get_session', { sessionId: 's1' })
    expect(session).toMatchObject({ phase: 60, status: 'completed' })
    expect((passed as { phase: string }[]).map(({ phase }) => phase)).toEqual(phases)
  }
})

it('a session survives the process that started it, killed in the middle of its changes', async () => {
  const [first, second] = await twoProcesses()
  // A client that notices when a stream ends without the answer.
  const agent = new Agent()
  const doomed = new HttpCaller({ url: first.mcpUrl, agent, name: 'doomed' })
  const survivor = await httpClient(second.mcpUrl)
  await doomed.call('start_workflow', { sessionId: 's1', workflow: 'long' }, never)

  let acknowledged = 0
  const change = async () => {
    for (;;) {
      const { structured } = await doomed.call('advance_workflow', { sessionId: 's1' }, never)
      acknowledged = Number(structured.phase)
    }
  }
  const cutOff = change().catch(() => 'cut off')
  while (acknowledged < 5) await new Promise((resolve) => setImmediate(resolve))
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  expect(await cutOff).toBe('cut off')

  const before = Number((await call(survivor, 'get_session', { sessionId: 's1' })).phase)
  // The change that was cut off may have happened or not; those that were acknowledged have.
  expect([acknowledged, acknowledged + 1]).toContain(before)
  expect(await call(survivor, 'advance_workflow', { sessionId: 's1' })).toHaveProperty('phase', before + 1)
})
