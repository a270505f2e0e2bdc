import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunRecord } from '../../harness/record.ts'
import { renderReports } from '../../reports/render.ts'
import { audit, brokenRun, runRecord, scenarioRun } from './records.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raceproof-render-'))
})
afterEach(() => rm(folder, { recursive: true }))

const save = (record: unknown) =>
  writeFile(join(folder, 'run.json'), typeof record === 'string' ? record : JSON.stringify(record))
const saveHistory = (text: string) => writeFile(join(folder, 'history.jsonl'), text)

describe('renderReports', () => {
  it('writes every format beside the record, with what the history adds', async () => {
    const audits = [0, 1, 2].map((round) => audit(round, { 'resource:hold': round }))
    await save(runRecord({ verdict: 'invalid', runs: [brokenRun()] }))
    await saveHistory(audits.map((event) => `${JSON.stringify(event)}\n`).join(''))
    const { files, saved } = await renderReports(folder)
    expect(await readdir(folder)).toEqual(
      expect.arrayContaining(['index.html', 'junit.xml', 'report.txt', 'summary.md']),
    )
    expect(saved.audits).toEqual([audits])
    expect(await readFile(files.text, 'utf8')).toContain('resource:hold (left open)')
  })

  it('renders equal bytes from equal records', async () => {
    await save(runRecord({ runs: [brokenRun()] }))
    const first = await renderReports(folder)
    const page = await readFile(first.files.html, 'utf8')
    await renderReports(folder)
    expect(await readFile(first.files.html, 'utf8')).toBe(page)
  })

  it('does without a history that is gone, and says so', async () => {
    await save(runRecord())
    const { files } = await renderReports(folder)
    expect(await readFile(files.text, 'utf8')).toMatch(/Note {2,}cannot read the history .*history\.jsonl/)
  })

  it('says where a history was cut off', async () => {
    await save(runRecord())
    await saveHistory(`${JSON.stringify(audit(0, {}))}\n{"type":"aud`)
    const { saved } = await renderReports(folder)
    expect(saved.audits).toEqual([[audit(0, {})]])
    expect(saved.missing).toEqual([expect.stringContaining('was cut off in line 2')])
  })

  it.each([
    ['is not there', undefined, /run\.json cannot be read.*Give the folder whose path 'raceproof run' printed/],
    ['was cut off', '{"version":1,"verd', /run\.json is not JSON .*cut off or edited/],
    ['is no object', '[]', /run\.json is not a record of a run/],
    [
      'comes from another version',
      { ...runRecord(), version: 2 },
      /has the version 2, and this raceproof reads version 1/,
    ],
    ['has no version', { hello: 1 }, /has the version undefined/],
    ['lacks a field', { ...runRecord(), runs: undefined }, /'runs' of the record must be a list, got nothing/],
    ['has a run that is none', { ...runRecord(), runs: [7] }, /runs\[0\] is no object/],
    [
      'has a run with a wrong field',
      { ...runRecord(), runs: [scenarioRun({ findings: 3 as never })] },
      /'findings' of runs\[0\] must be a list, got 3/,
    ],
  ])('refuses a record that %s', async (_, record, message) => {
    if (record !== undefined) await save(record as RunRecord | string)
    await expect(renderReports(folder)).rejects.toMatchObject({
      code: 'ERR_RECORD_INVALID',
      message: expect.stringMatching(message),
    })
    expect(await readdir(folder)).not.toContain('index.html')
  })
})
