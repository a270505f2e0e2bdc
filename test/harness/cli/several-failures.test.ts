import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import type { Repro } from '../../../harness/explore/repro/repro.ts'
import type { RunRecord, ScenarioRun } from '../../../harness/record.ts'
import { raceproof } from './raceproof.ts'

/**
 * Two clients write a file each while a fault begins, which they do not notice. When the first client's file is late, that
 * is wrong by one check, and by another one if the fault was there; so that a schedule may fail by both.
 */
const lateFile = `
import { appendFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { calls, check, defineTarget, fault, judged, nemesis, scenario } from 'raceproof'

const target = defineTarget({
  name: 'files',
  about: 'Nothing but files.',
  module: import.meta.url,
  parts: {},
  config: {},
  start: async () => ({ url: null, async stop() {} }),
  client: (context) => ({
    write: () => context.call('write', null, () => appendFile('/tmp/' + context.id, 'line').then(() => 'written')),
  }),
  defects: [],
})

const isLate = (history) => {
  const done = calls(history).map(({ client }) => client)
  const ends = history.filter(({ type }) => type === 'ok').map(({ client }) => client)
  return done.length > 1 && ends[0] !== 'c0'
}
const finding = (name) => ({ check: name, message: name + ': the first file was late', clients: ['c0', 'c1'], evidence: [] })
const late = { name: 'late', judge: (history) => judged(isLate(history) ? [finding('late')] : []) }
const lateUnderFault = {
  name: 'late-under-fault',
  judge: (history) =>
    judged(isLate(history) && history.some(({ type }) => type === 'fault') ? [finding('late-under-fault')] : []),
}

export default scenario('late-file', {
  target,
  source: 'a textbook',
  promise: 'The first file is the first.',
  async script({ crowd }) {
    await crowd.all(async (each, index) => {
      await delay(1 + 4 * index)
      await each.write()
    })
  },
  faults: [nemesis(fault.latency({ delayMs: 1 }), { fromMs: 0, untilMs: 1 })],
  checks: [late, lateUnderFault],
  scale: { sim: { clients: 2, schedules: 300 } },
})
`

let folder: string
let run: ScenarioRun
let text: string

beforeAll(async () => {
  // Below the package, so that the scenario's import of it resolves.
  await mkdir(join(packageRoot, '.cache'), { recursive: true })
  folder = await mkdtemp(join(packageRoot, '.cache', 'several-'))
  await writeFile(join(folder, 'late-file.js'), lateFile)
  const { stdout } = await raceproof(['run', './late-file.js', '--seed', '1', '--out', 'found', '--json'], folder)
  run = (JSON.parse(stdout) as RunRecord).runs[0] as ScenarioRun
  text = await readFile(join(folder, 'found', 'report.txt'), 'utf8')
})
afterAll(() => rm(folder, { recursive: true }))

describe('a schedule that fails by several checks', () => {
  it('is made small for each of them, and each has a repro of its own', async () => {
    expect(run.findings.map(({ check }) => check)).toEqual(['late', 'late-under-fault'])
    const repros = await Promise.all(run.findings.map(({ repro }) => saved(repro)))
    expect(repros.map(({ finding }) => finding.check)).toEqual(['late', 'late-under-fault'])
    // What only the second one needs is left out of the first.
    expect(repros.map(({ faults }) => faults.length)).toEqual([0, 1])
    expect(new Set(run.findings.map(({ repro }) => repro)).size).toBe(2)
  })

  it('comes back from each of the repros, as what that was saved for', async () => {
    for (const { check, repro } of run.findings) {
      const { stdout } = await raceproof(['replay', join('found', repro as string), '--json'], folder)
      const { same, findings } = JSON.parse(stdout) as { same: boolean; findings: { check: string }[] }
      expect([same, findings[0]?.check]).toEqual([true, check])
    }
  })

  it('names the repro of each finding in the report', () => {
    for (const { repro } of run.findings) expect(text).toContain(`raceproof replay ${join('found', repro as string)}`)
  })

  async function saved(repro: string | null): Promise<Repro> {
    return JSON.parse(await readFile(join(folder, 'found', repro as string), 'utf8')) as Repro
  }
})
