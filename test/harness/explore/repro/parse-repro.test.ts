import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../../../../harness/entry.ts'
import { HarnessError } from '../../../../harness/errors.ts'
import { parseRepro } from '../../../../harness/explore/repro/parse-repro.ts'
import { type Repro, reproName } from '../../../../harness/explore/repro/repro.ts'
import { reproWith } from './repros.ts'

const schema = JSON.parse(readFileSync(join(packageRoot, 'harness', 'repro.schema.json'), 'utf8'))
const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

function complaint(text: string): string {
  try {
    parseRepro('repro.json', text)
  } catch (error) {
    expect(error).toBeInstanceOf(HarnessError)
    expect((error as HarnessError).code).toBe('ERR_RECORD_INVALID')
    return (error as HarnessError).message
  }
  throw new Error('it was read')
}

const valid: [string, Repro][] = [
  ['everything', reproWith()],
  ['a natural order', reproWith({ holds: [], withoutFaults: [], withoutCalls: [], faults: [] })],
  ['all events in their order', reproWith({ holds: [], order: ['start/0', 'fs#4/0', 'c5:B→srv/1'] })],
  ['a scenario of the package', reproWith({ file: null, defect: null })],
]

const wrong: [string, unknown][] = [
  ['no object', [1]],
  ['a field of its own', { ...reproWith(), extra: 1 }],
  ['another world', { ...reproWith(), world: 'live' }],
  ['a seed that is no whole number', reproWith({ seed: 1.5 })],
  ['a negative seed', reproWith({ seed: -1 })],
  ['no clients', reproWith({ clients: 0 })],
  ['a hold without its end', { ...reproWith(), holds: [{ event: 'fs#4/0' }] }],
  ['a hold on what is no event', reproWith({ holds: [{ event: 'fs#4', until: 'fs#5/0' }] })],
  ['an order of what are no events', reproWith({ order: ['start'] })],
  ['a hash of another length', reproWith({ traceHash: 'ab' })],
  ['digests of half a step', reproWith({ digests: ['abc'] })],
  ['a finding without its check', reproWith({ finding: { check: '', message: 'x' } })],
  ...Object.keys(reproWith()).map((field): [string, unknown] => [
    `no ${field}`,
    { ...reproWith(), [field]: undefined },
  ]),
]

describe('a repro', () => {
  it.each(valid)('is read with %s, by the parser and by the JSON Schema', (_, repro) => {
    expect(parseRepro('repro.json', JSON.stringify(repro))).toEqual(repro)
    expect(isValid(repro)).toBe(true)
  })

  it.each(wrong)('is refused with %s, by the parser and by the JSON Schema', (_, value) => {
    const text = JSON.stringify(value)
    expect(complaint(text)).toContain('repro.json')
    expect(isValid(JSON.parse(text))).toBe(false)
  })

  it('tells the field, what was expected there and what came', () => {
    expect(complaint(JSON.stringify(reproWith({ clients: 'two' as never })))).toMatch(
      /expected number, received string.*clients/s,
    )
  })

  it('says of a file that was cut off that it is not JSON, and why that may be', () => {
    expect(complaint(JSON.stringify(reproWith()).slice(0, 200))).toMatch(/is not JSON .*cut off/)
  })

  it('says of another version which one reads it, and nothing of its fields', () => {
    const message = complaint(JSON.stringify({ version: 2, holds: 'of another form' }))
    expect(message).toBe(
      'repro.json has the version 2, and this raceproof reads version 1. Use the raceproof that wrote it',
    )
  })

  it('is named after what it shows, with nothing in the name that a file system may not like', () => {
    expect(reproName(reproWith())).toBe('repro-seat-reservation-double-sale-4051227913.json')
    expect(reproName(reproWith({ scenario: 'a/b: c', defect: null }))).toBe('repro-a_b_c-4051227913.json')
    expect(reproName(reproWith({ defect: null }), 'server-errors')).toBe(
      'repro-seat-reservation-4051227913-server-errors.json',
    )
  })
})
