import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { RunRecord } from 'raceproof'
import { expect, it, onTestFinished } from 'vitest'
import { entry } from '../../harness/entry.ts'

/** Runs the scenario live with a crowd that is smaller than its own, and returns how that ended. */
async function run(...flags: string[]): Promise<{ exitCode: number | undefined; record: RunRecord }> {
  const out = await mkdtemp(join(tmpdir(), 'dual-transport-'))
  onTestFinished(() => rm(out, { recursive: true, force: true }))
  const size = ['--world', 'live', '--clients', '40', '--seconds', '3']
  const args = ['run', 'dual-transport-session', ...size, '--out', out, '--json', ...flags]
  const { exitCode, stdout } = await execa(process.execPath, [entry('harness/cli'), ...args], { reject: false })
  return { exitCode, record: JSON.parse(stdout) as RunRecord }
}

it('finds nothing wrong with the correct server', async () => {
  const { exitCode, record } = await run()
  expect(record.runs.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual([])
  expect([exitCode, record.verdict]).toEqual([0, 'valid'])
  const [{ calls, doubleLoads, contention }] = record.runs as [RunRecord['runs'][0]]
  expect(calls).toBeGreaterThan(1_000)
  expect(doubleLoads).toBe(0)
  expect(contention.map(({ lock }) => lock)).toEqual(expect.arrayContaining(['sessions', 'state', 'state-file']))
})

it.each([
  ['session-double-init', ['one-instance', 'double-loads']],
  ['dual-transport-split', ['one-instance']],
])('catches %s', async (defect, checks) => {
  const { exitCode, record } = await run('--defect', defect)
  expect([exitCode, record.verdict]).toEqual([1, 'invalid'])
  const found = record.runs.flatMap(({ findings }) => findings.map(({ check }) => check))
  expect(found).toEqual(expect.arrayContaining(checks))
})
