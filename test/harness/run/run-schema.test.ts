import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import type { RunRecord } from '../../../harness/record.ts'
import { brokenRun, everyEvent, finding, runRecord, scenarioRun } from '../../reports/records.ts'

const schema = JSON.parse(readFileSync(join(packageRoot, 'harness', 'run.schema.json'), 'utf8'))
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema)
// What is validated is what a file holds: `undefined` is gone after a round trip.
const problems = (record: unknown) => {
  validate(JSON.parse(JSON.stringify(record)))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const saturation = {
  url: 'http://h/x',
  requests: 1000,
  connections: 50,
  requestsPerSecond: 812.5,
  latencyMs: { p50: 1, p99: 2, max: 3 },
  non2xx: 0,
  errors: 0,
}
const whole = () =>
  runRecord({ runs: [scenarioRun(), brokenRun({ findings: [finding({ evidence: everyEvent })] })], saturation })

describe('the JSON Schema of run.json', () => {
  it('accepts records of every shape', () => {
    expect(problems(whole())).toEqual([])
    expect(problems(runRecord({ verdict: 'unknown', runs: [], notes: ['nothing was run'] }))).toEqual([])
    expect(
      problems(
        runRecord({
          runs: [scenarioRun({ schedules: 10, distinct: 7, exhausted: true, traceHash: 'ab', world: 'sim' })],
        }),
      ),
    ).toEqual([])
  })

  it('accepts a failing schedule, and knows its fields', () => {
    const row = {
      time: 1,
      step: 4,
      timeMs: 2.5,
      actor: 'c0',
      key: 'fs#1/0',
      what: 'open x completes',
      part: 'held',
    } as const
    const failing = { holds: [{ event: 'fs#1/0', until: 'c1:c0→server/1' }], actors: ['c0'], rows: [row], steps: 9 }
    expect(problems(runRecord({ runs: [scenarioRun({ failing })] }))).toEqual([])
    const broken = { ...failing, rows: [{ ...row, part: 'rumour' as never }] }
    expect(problems(runRecord({ runs: [scenarioRun({ failing: broken })] }))).not.toEqual([])
  })

  it('knows every field of a record: none can be left out', () => {
    const required = {
      record: Object.keys(whole()),
      run: Object.keys(scenarioRun()),
      finding: Object.keys(finding()).filter((key) => key !== 'likelyCause'),
    }
    for (const field of required.record) expect(problems({ ...whole(), [field]: undefined }), field).not.toEqual([])
    for (const field of required.run) {
      expect(problems(runRecord({ runs: [{ ...scenarioRun(), [field]: undefined } as never] })), field).not.toEqual([])
    }
    for (const field of required.finding) {
      const without = { ...finding(), [field]: undefined } as never
      expect(problems(runRecord({ runs: [brokenRun({ findings: [without] })] })), field).not.toEqual([])
    }
  })

  it.each<[string, (record: RunRecord) => unknown]>([
    ['a field of its own', (record) => ({ ...record, extra: 1 })],
    ['another version', (record) => ({ ...record, version: 2 })],
    ['a verdict that does not exist', (record) => ({ ...record, verdict: 'flaky' })],
    ['a seed that is no whole number', (record) => ({ ...record, seed: 1.5 })],
    ['a date of its own form', (record) => ({ ...record, startedAt: 'yesterday' })],
    ['a field of its own in a run', (record) => ({ ...record, runs: [{ ...record.runs[0], extra: 1 }] })],
    ['a world that does not exist', (record) => ({ ...record, runs: [scenarioRun({ world: 'real' })] })],
    ['negative calls', (record) => ({ ...record, runs: [scenarioRun({ calls: -1 })] })],
    [
      'a latency without its median',
      (record) => ({ ...record, runs: [scenarioRun({ latencyMs: { x: { count: 1 } as never } })] }),
    ],
    [
      'evidence that is no event',
      (record) => ({
        ...record,
        runs: [brokenRun({ findings: [finding({ evidence: [{ type: 'rumour' } as never] })] })],
      }),
    ],
    [
      'an event with a field of its own',
      (record) => ({
        ...record,
        runs: [brokenRun({ findings: [finding({ evidence: [{ ...everyEvent[0]!, extra: 1 } as never] })] })],
      }),
    ],
    ['half a saturation', (record) => ({ ...record, saturation: { url: 'x' } })],
  ])('rejects %s', (_, mutate) => {
    expect(problems(mutate(whole()))).not.toEqual([])
  })
})
