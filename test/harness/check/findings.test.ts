import { describe, expect, it } from 'vitest'
import { Findings } from '../../../harness/check/findings.ts'
import { history } from './notation.ts'

const about = (message: string) => ({ message, clients: ['c1', 'c0', 'c1'], evidence: [] })

describe('Findings', () => {
  it('tells three of a kind, counts the rest and names a few of them', () => {
    const findings = new Findings('delivery')
    for (let plan = 1; plan <= 100; plan++)
      findings.add('lost', `plan-${plan}`, () => about(`plan-${plan} lost an event`))
    expect(findings.count).toBe(100)
    expect(findings.told().map(({ message }) => message)).toEqual([
      'plan-1 lost an event',
      'plan-2 lost an event',
      'plan-3 lost an event. 97 more like it: plan-4, plan-5, plan-6, plan-7, plan-8, …',
    ])
  })

  it('does not let one kind crowd out another', () => {
    const findings = new Findings('delivery')
    for (let plan = 1; plan <= 100; plan++) findings.add('lost', `plan-${plan}`, () => about('lost'))
    findings.add('duplicated', 'plan-1', () => about('twice'))
    expect(findings.told().at(-1)).toMatchObject({ check: 'delivery', message: 'twice', clients: ['c1', 'c0'] })
  })

  it('does not build what it does not tell', () => {
    const findings = new Findings('delivery')
    for (let plan = 1; plan <= 3; plan++) findings.add('lost', `plan-${plan}`, () => about('lost'))
    findings.add('lost', 'plan-4', () => expect.unreachable('nobody would read it'))
    expect(findings.count).toBe(4)
  })

  it('keeps evidence readable: in order of time, and cut in the middle', () => {
    const events = history(Array.from({ length: 40 }, (_, i) => `@${40 - i} phase storm ${40 - i}`).join('\n'))
    const findings = new Findings('delivery')
    findings.add('lost', 'plan-1', () => ({ message: 'lost', clients: [], evidence: events }))
    const times = findings.told()[0]!.evidence.map(({ timeMs }) => timeMs)
    expect(times).toEqual([1, 2, 3, 4, 5, 6, 35, 36, 37, 38, 39, 40])
  })
})
