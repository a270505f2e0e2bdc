import { describe, expect, it } from 'vitest'
import { junitReport } from '../../reports/junit.ts'
import { brokenRun, everyEvent, finding, runRecord, savedRun, scenarioRun } from './records.ts'
import { parseXml, type XmlElement } from './xml.ts'

const report = (...args: Parameters<typeof runRecord>) => parseXml(junitReport(savedRun(runRecord(...args))))
const all = (element: XmlElement, name: string): XmlElement[] =>
  element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)])

describe('the JUnit report', () => {
  it('has a suite for each scenario and a case for each of its checks', () => {
    const suites = report({ verdict: 'invalid', runs: [brokenRun(), scenarioRun({ scenario: 'box-office' })] })
    expect(suites).toMatchObject({ name: 'testsuites', attributes: { tests: '4', failures: '1', errors: '1' } })
    expect(all(suites, 'testsuite').map(({ attributes }) => attributes.name)).toEqual([
      'seat-reservation (live)',
      'box-office (live)',
    ])
    expect(all(suites, 'testcase').map(({ attributes }) => attributes.name)).toEqual([
      'mutual-exclusion',
      'leftovers',
      'delivery',
      'leftovers',
    ])
  })

  it('tells a finding with its evidence, its seed and its replay command', () => {
    const [failure] = all(report({ runs: [brokenRun()] }), 'failure')
    expect(failure!.attributes.message).toBe("seat 'k0' was sold to c0 and c1 at once")
    for (const told of ['reserve {"seat":"k0"}', 'Seed: 42', '--defect check-then-act', 'several tries']) {
      expect(failure!.text).toContain(told)
    }
  })

  it('makes an error of a check that could not see, since CI takes silence for success', () => {
    const [error] = all(report({ runs: [brokenRun()] }), 'error')
    expect(error).toMatchObject({ attributes: { type: 'unknown', message: 'not seen: sockets' } })
  })

  it('makes an error of a run that is unknown although every check is content', () => {
    const run = scenarioRun({ verdict: 'unknown', notes: ['The script ended early: no.'] })
    expect(all(report({ verdict: 'unknown', runs: [run] }), 'error')[0]!.text).toContain('The script ended early: no.')
  })

  it('makes an error of a run in which no scenario ended', () => {
    const suites = report({ verdict: 'unknown', runs: [], notes: ['The target did not start.'] })
    expect(suites.attributes).toMatchObject({ tests: '1', errors: '1' })
    expect(all(suites, 'error')[0]!.text).toContain('The target did not start.')
  })

  it('fails for a saturated target that refused requests', () => {
    const saturation = {
      url: 'http://h/x',
      requests: 1000,
      connections: 50,
      requestsPerSecond: 1,
      latencyMs: { p50: 1, p99: 1, max: 1 },
      non2xx: 3,
      errors: 1,
    }
    expect(all(report({ saturation }), 'failure')[0]!.text).toContain(
      '3 were answered without success and 1 not at all',
    )
    expect(all(report({ saturation: { ...saturation, non2xx: 0, errors: 0 } }), 'failure')).toEqual([])
  })

  it('stays well-formed whatever a target wrote, and drops what XML cannot hold', () => {
    const hostile = ']]></failure>&amp;"\'<x>\u0000\u0008\u001b\uFFFE\uD800 tail'
    const run = brokenRun({
      scenario: hostile,
      replay: hostile,
      findings: [finding({ message: hostile, likelyCause: hostile, evidence: everyEvent })],
    })
    const [failure] = all(report({ runs: [run] }), 'failure')
    expect(failure!.text).toContain(']]></failure>&amp;"\'<x> tail')
  })

  it('counts the findings that it does not tell', () => {
    const findings = Array.from({ length: 25 }, () => finding())
    expect(all(report({ runs: [brokenRun({ findings })] }), 'failure')[0]!.text).toContain('and 5 more, in run.json')
  })
})
