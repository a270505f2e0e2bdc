import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../../harness/entry.ts'
import { isThreadRepro, parseThreadRepro, type ThreadRepro } from '../../../../harness/run/threads/thread-repro.ts'

const schema = JSON.parse(readFileSync(join(packageRoot, 'harness', 'thread-repro.schema.json'), 'utf8'))
const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

const repro: ThreadRepro = {
  version: 1,
  world: 'threads',
  scenario: 'two-counters',
  file: null,
  target: 'state',
  defect: 'missed-wakeup',
  seed: 1,
  choices: '0*5,1*3',
  switches: 1,
  strategy: 'portfolio',
  finding: { check: 'progress', message: 'thread 1 sleeps for ever' },
  workers: { confirmed: true, told: 'confirmed on real workers: 2 workers took the same 8 steps to the same end' },
  traceHash: 'ab'.repeat(32),
  scenarioHash: 'cd'.repeat(32),
  versions: { raceproof: '1.0.0', node: 'v20.20.2' },
}

const wrong: [string, unknown][] = [
  ['a field of its own', { ...repro, extra: 1 }],
  ['choices that are none', { ...repro, choices: '0-5' }],
  ['a negative seed', { ...repro, seed: -1 }],
  ['half a switch', { ...repro, switches: 0.5 }],
  ['a hash of another length', { ...repro, traceHash: 'ab' }],
  ['workers that said nothing', { ...repro, workers: { confirmed: true } }],
  ['a finding without its check', { ...repro, finding: { check: '', message: 'x' } }],
  ...Object.keys(repro)
    .filter((field) => field !== 'world')
    .map((field): [string, unknown] => [`no ${field}`, { ...repro, [field]: undefined }]),
]

describe('a repro of threads', () => {
  it('is read, by the parser and by the JSON Schema, also without any step', () => {
    for (const valid of [repro, { ...repro, choices: '' }]) {
      expect(parseThreadRepro('repro.json', JSON.stringify(valid))).toEqual(valid)
      expect(isValid(valid)).toBe(true)
    }
  })

  it.each(wrong)('is refused with %s, by the parser and by the JSON Schema', (_, value) => {
    const text = JSON.stringify(value)
    expect(() => parseThreadRepro('repro.json', text)).toThrow(/repro\.json is no repro/)
    expect(isValid(JSON.parse(text))).toBe(false)
  })

  it('is told from one of the simulated world, and from what is no JSON', () => {
    expect(isThreadRepro(JSON.stringify(repro))).toBe(true)
    for (const other of [JSON.stringify({ ...repro, world: 'sim' }), 'null', '{'])
      expect(isThreadRepro(other)).toBe(false)
  })
})
