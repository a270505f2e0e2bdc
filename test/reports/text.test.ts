import { describe, expect, it } from 'vitest'
import { textReport } from '../../reports/text.ts'
import { expectGolden } from '../golden/golden.ts'
import { audit, brokenRun, everyEvent, finding, runRecord, savedRun, scenarioRun } from './records.ts'

const saturation = {
  url: 'http://127.0.0.1:4711/api/simulations',
  requests: 1000,
  connections: 50,
  requestsPerSecond: 2417,
  latencyMs: { p50: 18, p99: 61, max: 77 },
  non2xx: 0,
  errors: 0,
}

describe('the text report', () => {
  it('tells a run that went well', () => {
    expectGolden('valid.txt', textReport(savedRun(runRecord({ saturation }))))
  })

  it('tells what was promised, what happened, and how to see it again', () => {
    const leaking = brokenRun({
      findings: [finding(), finding({ check: 'delivery', evidence: everyEvent, likelyCause: undefined })],
    })
    const record = runRecord({ verdict: 'invalid', runs: [leaking, scenarioRun({ scenario: 'box-office' })] })
    const audits = [0, 1, 2, 3].map((round) =>
      audit(round, { 'resource:hold': round, 'instances:Hold': round, timers: 2 }),
    )
    expectGolden('invalid.txt', textReport(savedRun(record, { audits: [audits, []] })))
  })

  it('tells how many orders were tried, and shows the failing one step by step', () => {
    const explored = { world: 'sim', schedules: 12, distinct: 9, traceHash: 'ab', exhausted: false } as const
    const run = brokenRun({ ...explored, story: 'seats fails in schedule 12 of 100 (random)\n\n  ms  c0   server' })
    const text = textReport(savedRun(runRecord({ verdict: 'invalid', runs: [run] })))
    expect(text).toContain('12 schedules, 9 distinct')
    expect(text).toContain('  seats fails in schedule 12 of 100 (random)\n\n    ms  c0   server\n')
    expect(text).not.toContain('may need several tries')
    const all = brokenRun({ ...explored, exhausted: true })
    expect(textReport(savedRun(runRecord({ runs: [all] })))).toContain(' · all orders, in 12 schedules')
    const proved = scenarioRun({ ...explored, exhausted: true })
    expect(textReport(savedRun(runRecord({ runs: [proved] })))).toContain('proved: all orders, in 12 schedules')
  })

  it('tells a run that was interrupted', () => {
    const cut = scenarioRun({
      verdict: 'unknown',
      checks: [],
      latencyMs: {},
      contention: [],
      growth: [],
      faults: [],
      notes: ['The run was interrupted in its storm.'],
    })
    const notes = ['The run was interrupted; what had been seen until then was judged.', 'Not run: box-office.']
    expectGolden('interrupted.txt', textReport(savedRun(runRecord({ verdict: 'unknown', runs: [cut], notes }))))
  })

  it('has one row for each scenario that kept its promise when it is brief, and tells the others whole', () => {
    const explored = { world: 'sim', schedules: 30, distinct: 29, rounds: 0 } as const
    const well = [scenarioRun({ scenario: 'box-office' }), scenarioRun({ scenario: 'cloakroom', ...explored })]
    const noted = scenarioRun({ scenario: 'foyer', notes: ['Nothing was sold.'] })
    const record = runRecord({ verdict: 'invalid', runs: [well[0]!, brokenRun(), well[1]!, noted] })
    expectGolden('brief.txt', textReport(savedRun(record), { brief: true }))
  })

  it('tells a single scenario whole, however brief', () => {
    const saved = savedRun(runRecord({ saturation }))
    expect(textReport(saved, { brief: true })).toBe(textReport(saved))
  })

  it('says how much of long evidence is left out', () => {
    const evidence = Array.from(
      { length: 60 },
      (_, timeMs) => ({ type: 'phase', timeMs, phase: 'storm', round: 1 }) as const,
    )
    const text = textReport(savedRun(runRecord({ runs: [brokenRun({ findings: [finding({ evidence })] })] })))
    expect(text).toContain('(36 events in between left out)')
    expect(text.match(/phase storm/g)).toHaveLength(24)
  })

  it('says how many findings are left out', () => {
    const findings = Array.from({ length: 40 }, () => finding())
    const text = textReport(savedRun(runRecord({ runs: [brokenRun({ findings })] })))
    expect(text).toContain('and 28 more findings, in run.json')
  })

  it('cuts a message that a target blew up', () => {
    const text = textReport(
      savedRun(runRecord({ runs: [brokenRun({ findings: [finding({ message: 'x'.repeat(5000) })] })] })),
    )
    expect(text).toContain('… (3,000 more characters)')
  })

  it('never lets what a target wrote steer the terminal', () => {
    const hostile = '\u001b[2J\u0007\u009b31m\r\nsecond line'
    const run = brokenRun({
      notes: [hostile],
      promise: hostile,
      findings: [
        finding({
          message: hostile,
          likelyCause: hostile,
          evidence: [{ type: 'info', timeMs: 1, client: hostile, call: 1, f: 'x', error: hostile }],
        }),
      ],
      leaks: [{ kind: hostile, count: 1, items: [hostile] }],
    })
    const text = textReport(savedRun(runRecord({ runs: [run], notes: [hostile] })))
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    expect(text).toContain('second line')
  })

  it('is plain unless colours are asked for', () => {
    const saved = savedRun(runRecord({ verdict: 'invalid', runs: [brokenRun()] }))
    expect(textReport(saved)).not.toContain('\u001b')
    expect(textReport(saved, { colors: true })).toContain('\u001b[31m')
  })
})
