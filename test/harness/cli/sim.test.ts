import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import type { RunRecord } from '../../../harness/record.ts'
import { raceproof, start } from './raceproof.ts'

let folder: string
beforeAll(async () => {
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'cli-sim-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function run(
  name: string,
  args: readonly string[],
): Promise<{ exitCode: number | undefined; record: RunRecord }> {
  const out = join(folder, name)
  const { exitCode, stdout } = await raceproof(['run', 'simulated-tally', '--json', '--out', out, ...args])
  return { exitCode, record: JSON.parse(stdout) as RunRecord }
}

describe('raceproof run in the simulated world', () => {
  it('tries as many orders as the scenario says, and records how many were different', async () => {
    const { exitCode, record } = await run('valid', ['--seed', '3'])
    expect(exitCode).toBe(0)
    expect(record).toMatchObject({
      verdict: 'valid',
      runs: [{ scenario: 'simulated-tally', world: 'sim', clients: 3, schedules: 20, calls: 80, story: null }],
    })
    const [only] = record.runs
    expect(only!.distinct).toBeGreaterThan(15)
    expect(only!.traceHash).toMatch(/^[0-9a-f]{64}$/)
    expect(only!.replay).toBe('raceproof run simulated-tally --world sim --seed 3')
    const history = await readFile(join(folder, 'valid', only!.history), 'utf8')
    expect(history.split('\n').filter((line) => line !== '').length).toBeGreaterThan(15)
  })

  it('gives one trace hash for one seed', async () => {
    const hashOf = async (name: string, seed: string) => (await run(name, ['--seed', seed])).record.runs[0]!.traceHash
    const first = await hashOf('first', '7')
    expect(await hashOf('second', '7')).toBe(first)
    expect(await hashOf('other', '8')).not.toBe(first)
  })

  it('finds a defect, makes the failure small, and tells it', async () => {
    const { exitCode, record } = await run('invalid', ['--seed', '3', '--defect', 'lost-update'])
    expect(exitCode).toBe(1)
    const [only] = record.runs
    expect(only!.findings[0]).toMatchObject({ check: 'survival', seed: expect.any(Number), holds: expect.any(Number) })
    expect(only!.findings[0]!.holds).toBeLessThanOrEqual(3)
    expect(only!.story).toContain('survival: the sum is')
  })

  it('takes clients, schedules and the strategy from the command line, and repeats them in the replay command', async () => {
    const flags = ['--seed', '1', '--clients', '2', '--schedules', '9', '--strategy', 'pct:2']
    const { record } = await run('flags', flags)
    expect(record.runs[0]).toMatchObject({ clients: 2, schedules: 9, verdict: 'valid' })
    expect(record.runs[0]!.replay).toBe(
      'raceproof run simulated-tally --world sim --seed 1 --clients 2 --schedules 9 --strategy pct:2',
    )
  })

  it.each<[string, string[], RegExp]>([
    [
      'a strategy that nobody has',
      ['--strategy', 'luck'],
      /ERR_USAGE: --strategy: expected one of portfolio, .*'luck'/,
    ],
    ['the live world', ['--world', 'live'], /ERR_WORLD_UNSUPPORTED: .*'live'; it runs in: sim/],
    ['seconds', ['--seconds', '3'], /ERR_USAGE: --seconds belongs to the world 'live'/],
    ['no schedule at all', ['--schedules', '0'], /Expected a whole number of at least 1/],
    ['a server that runs elsewhere', ['--target', 'http://127.0.0.1:9', '--world', 'sim'], /ERR_WORLD_UNSUPPORTED/],
  ])('exits 3 when it is given %s', async (_, args, message) => {
    const { exitCode, stderr } = await raceproof(['run', 'simulated-tally', ...args])
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(message)
  })

  it('leaves a record that can be read when it is interrupted', async () => {
    const out = join(folder, 'interrupted')
    const running = start(['run', 'simulated-tally', '--schedules', '1000000', '--out', out])
    await new Promise<void>((resolve) => {
      running.stderr.on('data', (bytes: Buffer) => String(bytes).includes('exploring') && resolve())
    })
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(2)
    const record = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as RunRecord
    expect(record).toMatchObject({ verdict: 'unknown', runs: [{ scenario: 'simulated-tally', verdict: 'unknown' }] })
    expect(record.notes.join()).toContain('interrupted')
  })
})
