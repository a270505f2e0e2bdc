import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import type { RunRecord, ScenarioRun } from '../../../harness/record.ts'
import { raceproof } from './raceproof.ts'

let folder: string
beforeAll(async () => {
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'cli-threads-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(name: string, args: readonly string[]): Promise<{ exitCode: number | undefined; run: ScenarioRun }> {
  const out = join(folder, name)
  const { exitCode, stdout } = await raceproof(['run', ...args, '--json', '--out', out])
  return { exitCode, run: (JSON.parse(stdout) as RunRecord).runs[0]! }
}

const lock = 'lock-entered-twice'

/** A scenario of a user, whose two threads are the functions `first` and `second`. */
async function scenarioFile(name: string, threads: string): Promise<string> {
  const file = join(folder, `${name}.ts`)
  await writeFile(
    file,
    `import { check, defineTarget, threadScenario } from 'raceproof'

const target = defineTarget({
  name: 'words',
  module: import.meta.url,
  start: () => Promise.reject(new Error('threads need no server')),
  client: () => ({}),
})

export default threadScenario('${name}', {
  target,
  source: 'a test',
  promise: 'Threads come to their end.',
  setup: () => new SharedArrayBuffer(8),
  threads: ['first', 'second'].map((run) => ({ module: import.meta.url, run })),
  checks: [check.progress()],
  scale: { schedules: 100, stuckMs: 300 },
})
${threads}`,
  )
  return file
}

/** The first thread comes to an operation, and never to another one. */
const endless = `
export function first(memory: SharedArrayBuffer): void {
  let turned = Atomics.add(new Int32Array(memory), 0, 1)
  while (turned >= 0) {
    turned = (turned + 1) % 7
  }
}

export function second(memory: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(memory), 1, 1)
}
`

/** The first thread waits for what nobody can be seen to do. */
const blocked = `
const { wait } = Atomics

export function first(memory: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(memory), 0, 1)
  wait(new Int32Array(memory), 1, 0, 60_000)
}

export const second = first
`

const sharingModule = `
const arrived: string[] = []

function arrive(memory: SharedArrayBuffer): void {
  Atomics.add(new Int32Array(memory), 0, 1)
  if (arrived.length > 0) throw new Error('somebody came before')
  arrived.push('here')
}

export const first = arrive
export const second = arrive
`

describe('raceproof run in the thread world', () => {
  it('goes through every order of a small scenario, and says that it did', async () => {
    const { exitCode, run: only } = await run('valid', [lock, '--world', 'threads', '--seed', '3'])
    expect(exitCode).toBe(0)
    expect(only).toMatchObject({ world: 'threads', verdict: 'valid', clients: 2, exhausted: true, story: null })
    expect(only.notes).toEqual([])
    expect(only.calls).toBe(2 * only.schedules!)
  })

  it('runs the one world that a scenario of threads has when none is named', async () => {
    const { run: only } = await run('all', [lock, '--seed', '3', '--schedules', '5'])
    expect(only).toMatchObject({ world: 'threads', schedules: 5, exhausted: false })
  })

  it('gives one trace hash for one seed', async () => {
    const hashOf = async (name: string, seed: string) =>
      (await run(name, [lock, '--seed', seed, '--schedules', '20'])).run.traceHash
    const first = await hashOf('first', '7')
    expect(await hashOf('second', '7')).toBe(first)
    expect(await hashOf('other', '8')).not.toBe(first)
  })

  it('finds a lost wake-up, tells it in one column per thread with the lines of the source, and replays it', async () => {
    const { exitCode, run: only } = await run('invalid', [lock, '--seed', '1', '--defect', 'missed-wakeup'])
    expect(exitCode).toBe(1)
    expect(only.findings[0]).toMatchObject({ check: 'progress', holds: expect.any(Number) })
    expect(only.findings[0]!.message).toMatch(/lost wake-up: thread \d sleeps for ever/)
    expect(only.story).toMatch(/thread 0 +thread 1\n/)
    expect(only.story).toMatch(/wait \[\d+\] sleeps {2}turnstile\.ts:\d+/)
    expect(only.story).toContain('◀ here another thread comes between')
    expect(only.failing!.rows.filter(({ part }) => part === 'held')).toHaveLength(1)

    const told = expect.stringMatching(/^confirmed on real workers: 2 workers took the same \d+ steps to the same end$/)
    expect(only.workers).toEqual({ confirmed: true, told })
    expect(only.story).toContain(`\n  workers ${only.workers!.told}\n`)
    const repro = await readFile(join(folder, 'invalid', only.findings[0]!.repro!), 'utf8')
    expect(JSON.parse(repro)).toMatchObject({ workers: only.workers })

    const replayed = await raceproof(['replay', join(folder, 'invalid', only.findings[0]!.repro!), '--json'])
    expect(replayed.exitCode).toBe(1)
    expect(JSON.parse(replayed.stdout)).toMatchObject({ verdict: 'invalid', same: true, divergedAt: null, changed: [] })
  })

  it('confirms a data race of plain accesses, whose workers run the rewritten code', async () => {
    const { run: only } = await run('race', ['visits-read-plainly', '--seed', '1', '--defect', 'unsynchronised-flag'])
    expect(only.findings[0]).toMatchObject({ check: 'data-race' })
    expect(only.workers).toMatchObject({ confirmed: true })
  })

  it('says where real workers went another way, as with a module that threads share only here', async () => {
    const { exitCode, run: only } = await run('shared', [await scenarioFile('shared-module', sharingModule)])
    expect(exitCode).toBe(1)
    expect(only.findings[0]).toMatchObject({ message: 'Error: somebody came before' })
    expect(only.workers).toMatchObject({ confirmed: false })
    expect(only.workers!.told).toMatch(
      /^not confirmed on real workers: they went another way, step 2 was none, and there it was update of thread \d/,
    )
  })

  it.each([
    ['turns in an endless loop', endless, /endless\.ts:2[234]:/],
    ['blocks where nobody schedules it', blocked, /blocked\.ts:24:/],
  ])('ends a thread that %s, names its place, and replays it', async (_, code, place) => {
    const name = code === endless ? 'endless' : 'blocked'
    const { exitCode, run: only } = await run(name, [await scenarioFile(name, code)])
    expect(exitCode).toBe(1)
    const [finding] = only.findings
    expect(finding).toMatchObject({ check: 'progress', repro: expect.any(String) })
    expect(finding!.message).toMatch(
      /^thread \d has run for 0\.3 s without an operation .* since its operation add \[0\] at /,
    )
    expect(finding!.message).toMatch(place)
    expect(only.workers!.told).toMatch(/^confirmed on real workers: 2 workers took the same \d steps, and the same one/)

    const replayed = await raceproof(['replay', join(folder, name, finding!.repro!), '--json'])
    expect([replayed.exitCode, JSON.parse(replayed.stdout)]).toMatchObject([1, { same: true }])
  })

  it('exits with 3 when it is setup that does not come to its end', async () => {
    const file = await scenarioFile('setup', 'export const first = () => {}\nexport const second = first\n')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('new SharedArrayBuffer(8)', '{ for (;;); }'))
    const { exitCode, stderr } = await raceproof(['run', file])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('setup, final or a check has not come to its end within 0.3 s')
  })

  it('says so when a saved failure does not fail any more', async () => {
    const { run: only } = await run('saved', [lock, '--seed', '1', '--defect', 'wrong-release'])
    const repro = JSON.parse(await readFile(join(folder, 'saved', only.findings[0]!.repro!), 'utf8'))
    const mended = join(folder, 'mended.json')
    await writeFile(mended, JSON.stringify({ ...repro, defect: null }))
    const { exitCode, stdout } = await raceproof(['replay', mended])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('It no longer fails')
  })

  it('refuses a world that a scenario lacks, and a strategy of another world', async () => {
    const none = await raceproof(['run', lock, '--world', 'sim'])
    expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('ERR_WORLD_UNSUPPORTED')])
    expect(none.stderr).toContain('it runs in: threads')
    const luck = await raceproof(['run', lock, '--strategy', 'delay'])
    expect([luck.exitCode, luck.stderr]).toEqual([3, expect.stringMatching(/--strategy: expected one of exhaustive, /)])
  })

  it('names what is wrong with a repro', async () => {
    const broken = join(folder, 'broken.json')
    await writeFile(broken, JSON.stringify({ version: 1, world: 'threads', choices: 'x' }))
    const { exitCode, stderr } = await raceproof(['replay', broken])
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('ERR_RECORD_INVALID')])
    expect(stderr).toContain("expected steps such as '0*5,1*3'")
  })

  it('lists scenarios of threads with their world', async () => {
    const { stdout } = await raceproof(['list', '--json'])
    const { scenarios } = JSON.parse(stdout) as { scenarios: { name: string; worlds: string[] }[] }
    expect(scenarios.find(({ name }) => name === lock)?.worlds).toEqual(['threads'])
  })
})
