import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHistory } from '../../../harness/history/journal.ts'
import { killProcessesOf, processesOf, runMark } from '../../../harness/live/processes.ts'

let folder: string
let harness: ChildProcess
let output: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-test-'))
  output = ''
})

afterEach(async () => {
  harness.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Starts a harness in a process of its own, and resolves in the middle of its storm with the mark of its run. */
async function endlessRun(): Promise<string> {
  const script = fileURLToPath(new URL('../../fixtures/live/endless-run.mjs', import.meta.url))
  const tempDir = await mkdtemp(join(folder, 'temp-'))
  harness = spawn(process.execPath, [script, join(folder, 'run')], {
    env: { ...process.env, TMPDIR: tempDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  harness.stdout?.on('data', (bytes) => {
    output += bytes
  })
  await expect.poll(() => output, { timeout: 30_000 }).toContain('storm')
  return markOf(await hostPid())
}

async function hostPid(): Promise<number> {
  const { history } = await readHistory(join(folder, 'run', 'history.jsonl'))
  const spawned = history.find((event) => event.type === 'target' && event.event === 'spawned')
  return Number(/process (\d+)/.exec(spawned?.type === 'target' ? spawned.detail : '')?.[1])
}

async function markOf(pid: number): Promise<string> {
  const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
  return environment.find((entry) => entry.startsWith(`${runMark}=`))?.slice(runMark.length + 1) as string
}

const left = (mark: string) => processesOf({ mark, root: -1 })
const tempFiles = async () => (await readdir(folder, { recursive: true })).filter((name) => /^temp-[^/]*\//.test(name))

describe.skipIf(process.platform !== 'linux')('when the harness', () => {
  it('is killed, its target and what that started are gone, also in a session of their own, and so are its files', async () => {
    const mark = await endlessRun()
    expect(left(mark).map(({ command }) => command)).toContain('sleep 600')
    expect(await tempFiles()).not.toEqual([])
    harness.kill('SIGKILL')
    await expect.poll(() => left(mark), { timeout: 20_000 }).toEqual([])
    await expect.poll(tempFiles, { timeout: 20_000 }).toEqual([])
  })

  it('is killed, the record of what had happened is readable', async () => {
    const mark = await endlessRun()
    const types = async () => (await readHistory(join(folder, 'run', 'history.jsonl'))).history.map(({ type }) => type)
    await expect.poll(types).toContain('ok')
    harness.kill('SIGKILL')
    await once(harness, 'exit')
    expect(await types()).toEqual(expect.arrayContaining(['phase', 'target', 'audit', 'invoke', 'ok']))
    await expect.poll(() => left(mark), { timeout: 20_000 }).toEqual([])
  })

  it('is interrupted, it stops everything, and says that the verdict is not known', async () => {
    const mark = await endlessRun()
    harness.kill('SIGINT')
    await once(harness, 'exit')
    expect(left(mark)).toEqual([])
    expect(await tempFiles()).toEqual([])
    expect(JSON.parse(output.trim().split('\n').at(-1) as string)).toEqual({
      verdict: 'unknown',
      notes: ['The run was interrupted in round 1, storm.'],
    })
  })

  it('is killed while the target blocks its event loop, nothing is left either', async () => {
    const mark = await endlessRun()
    const host = left(mark).find(({ command }) => command.includes('live/host'))
    // A stopped process handles nothing, as one that loops for ever: only the warden can end it.
    process.kill(host?.pid as number, 'SIGSTOP')
    harness.kill('SIGKILL')
    await expect.poll(() => left(mark), { timeout: 20_000 }).toEqual([])
  })
})

describe.skipIf(process.platform !== 'linux')('the processes of a run', () => {
  it('are found by their mark, their session or their ancestors, and all are killed', async () => {
    const clean = { PATH: process.env.PATH }
    const script = `sh -c 'sleep 601 & sleep 602' & env -i PATH="$PATH" setsid sh -c 'sleep 603; true'; true`
    const root = spawn('sh', ['-c', script], {
      detached: true,
      env: { ...clean, [runMark]: 'a-mark' },
      stdio: 'ignore',
    })
    const family = { mark: 'a-mark', root: root.pid as number }
    const sleeps = () => processesOf(family).flatMap(({ command }) => /^sleep \d+/.exec(command)?.[0] ?? [])
    await expect.poll(() => sleeps().sort()).toEqual(['sleep 601', 'sleep 602', 'sleep 603'])
    expect((await killProcessesOf(family)).length).toBeGreaterThanOrEqual(4)
    expect(processesOf(family)).toEqual([])
  })
})
