import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LockProbe, locks } from 'raceproof/probe'
import { expect, it, onTestFinished } from 'vitest'
import { FileGate } from '../../../reference-impl/mcp/file-gate.ts'
import { library } from '../../../reference-impl/mcp/library.ts'
import { LockFile } from '../../../reference-impl/mcp/lock-file.ts'
import { MetadataFile } from '../../../reference-impl/mcp/metadata-file.ts'
import { ProcessTable } from '../../../reference-impl/mcp/process-table.ts'
import { call, folder, gate, httpClient, server } from './fixture.ts'

async function serverWithFolder() {
  const stateDir = await folder()
  const { mcpUrl } = await server({ stateDir })
  return { client: await httpClient(mcpUrl), stateDir, file: join(stateDir, 'metadata.json') }
}

/** Resolves when somebody has to wait for a lock. */
function waiting(): Promise<void> {
  return new Promise((resolve) => {
    const hear = (message: unknown) => {
      if ((message as LockProbe).event === 'waiting') resolve()
    }
    locks.subscribe(hear)
    onTestFinished(() => void locks.unsubscribe(hear))
  })
}

const edited = (title: string) => JSON.stringify({ revision: 7, workflows: { nap: { title, phases: ['doze'] } } })

it('shows an edit of the file at once, whoever made it', async () => {
  const { client, file } = await serverWithFolder()
  await call(client, 'get_metadata')
  for (const title of ['A nap', 'A long nap']) {
    await writeFile(file, edited(title))
    expect(await call(client, 'get_metadata')).toMatchObject({ revision: 7, workflows: { nap: { title } } })
  }
  expect(await call(client, 'start_workflow', { sessionId: 's1', workflow: 'nap' })).toHaveProperty('phase', 0)
})

it('lets phases that were added while a session runs count', async () => {
  const { client, file } = await serverWithFolder()
  await writeFile(file, edited('A nap'))
  await call(client, 'start_workflow', { sessionId: 's1', workflow: 'nap' })
  await call(client, 'update_metadata', { workflow: 'nap', phases: ['doze', 'wake'] })
  expect(await call(client, 'advance_workflow', { sessionId: 's1' })).toHaveProperty('status', 'running')
})

it('loses none of many updates at once, and readers never see half of one', async () => {
  const { client, stateDir } = await serverWithFolder()
  const phases = Array.from({ length: 40 }, (_, index) => `phase-${index}`)
  const updates = phases.map((_, index) =>
    call(client, 'update_metadata', { workflow: `flow-${index}`, phases: phases.slice(0, index + 1) }),
  )
  const reads = phases.map(() => call(client, 'get_metadata'))
  await Promise.all([...updates, ...reads])
  const { revision, workflows } = await call<{ revision: number; workflows: Record<string, { phases: string[] }> }>(
    client,
    'get_metadata',
  )
  expect(revision).toBe(40)
  for (const index of phases.keys()) expect(workflows[`flow-${index}`]?.phases).toHaveLength(index + 1)
  expect((await readdir(stateDir)).sort()).toEqual(['metadata.json', 'sessions'])
})

it('changes only what an update names', async () => {
  const { client, file } = await serverWithFolder()
  const before = JSON.parse(await readFile(file, 'utf8'))
  await call(client, 'update_metadata', { workflow: 'incident', title: 'Another title' })
  const { workflows } = JSON.parse(await readFile(file, 'utf8'))
  expect(workflows).toEqual({
    ...before.workflows,
    incident: { ...before.workflows.incident, title: 'Another title' },
  })
})

it('refuses to add a workflow without phases', async () => {
  const { client } = await serverWithFolder()
  await expect(call(client, 'update_metadata', { workflow: 'nap', title: 'A nap' })).rejects.toThrow(
    "there is no workflow 'nap' yet; give its phases to add it",
  )
})

it('names the file and the fault when the file was edited into nonsense, and recovers with the next edit', async () => {
  const { client, file } = await serverWithFolder()
  await writeFile(file, '{ "revision": 1, ')
  await expect(call(client, 'get_metadata')).rejects.toThrow(`${file} is malformed: `)
  await writeFile(file, '{ "revision": "new", "workflows": {} }')
  await expect(call(client, 'get_metadata')).rejects.toThrow(/expected number, received string[\s\S]*revision/)
  await writeFile(file, edited('A nap'))
  expect(await call(client, 'get_metadata')).toHaveProperty('revision', 7)
})

it('keeps the metadata that is there when a server starts', async () => {
  const { client, stateDir } = await serverWithFolder()
  await call(client, 'update_metadata', { workflow: 'nap', phases: ['doze'] })
  const again = await httpClient((await server({ stateDir })).mcpUrl)
  expect(await call(again, 'get_metadata')).toHaveProperty('workflows.nap')
})

it('is written by one of two processes that start at once, and no edit is lost to the slower one', async () => {
  const path = join(await folder(), 'metadata.json')
  const template = join(library, 'metadata.json')
  const gateOfOne = () => {
    const processes = new ProcessTable()
    return new FileGate('test', (file) => new LockFile({ path: `${file}.lock`, name: 'test-file', processes }))
  }
  const [writes, goOn] = [gate(), gate()]
  class Slow extends MetadataFile {
    protected override async write(text: string): Promise<void> {
      writes.open()
      await goOn.opened
      return super.write(text)
    }
  }
  const slow = new Slow(path, gateOfOne()).seed(template)
  await writes.opened
  const other = new MetadataFile(path, gateOfOne())
  const edit = other.seed(template).then(() => other.update('incident', { title: 'Edited' }))
  // Unless it waits, it edits first.
  await Promise.race([edit, waiting()])
  goOn.open()
  await Promise.all([slow, edit])
  expect(await other.load()).toMatchObject({ revision: 1, workflows: { incident: { title: 'Edited' } } })
})
