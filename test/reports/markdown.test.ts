import { describe, expect, it } from 'vitest'
import { markdownReport } from '../../reports/markdown.ts'
import { brokenRun, finding, runRecord, savedRun, scenarioRun } from './records.ts'

const limit = 64 * 1024
const report = (...args: Parameters<typeof runRecord>) => markdownReport(savedRun(runRecord(...args)))

describe('the Markdown summary', () => {
  it('opens with the verdict and tells each failure with its time-line and replay command', () => {
    const text = report({ verdict: 'invalid', runs: [brokenRun(), scenarioRun({ scenario: 'box-office' })] })
    expect(text.split('\n')[0]).toBe('## ❌ raceproof: 1 of 2 scenarios broke its promise')
    expect(text).toContain('113.500 ms  c0      reserve → true')
    expect(text).toContain('```sh\nraceproof run seat-reservation --world live --seed 42 --defect check-then-act\n```')
  })

  it('stays below 64 KiB however much went wrong, and says that something is missing', () => {
    const big = Array.from({ length: 40 }, (_, index) =>
      brokenRun({
        scenario: `scenario-${index}`,
        findings: Array.from({ length: 30 }, () => finding({ message: '⚠'.repeat(900) })),
      }),
    )
    const text = report({ verdict: 'invalid', runs: big })
    expect(Buffer.byteLength(text)).toBeLessThan(limit)
    expect(text).toMatch(/_\d+ sections left out/)
    expect(text).toContain('⚠⚠⚠')
  })

  it('stays below 64 KiB with hundreds of scenarios', () => {
    const runs = Array.from({ length: 500 }, (_, index) =>
      scenarioRun({ scenario: `scenario-${index}-${'x'.repeat(60)}` }),
    )
    expect(Buffer.byteLength(report({ runs }))).toBeLessThan(limit)
  })

  it('leaves out tables before it leaves out failures', () => {
    const text = report({ verdict: 'invalid', runs: [scenarioRun({ scenario: 'box-office' }), brokenRun()] })
    expect(text.indexOf('was sold to c0')).toBeLessThan(text.indexOf('<summary>box-office'))
  })

  it('shows what a target wrote instead of obeying it', () => {
    const hostile = '<img src=x> | [link](http://x) `code` *bold* @everyone\nnext'
    const text = report({
      verdict: 'invalid',
      runs: [brokenRun({ scenario: hostile, findings: [finding({ message: hostile })] })],
    })
    expect(text).toContain('&lt;img src=x\\> \\| \\[link\\](http://x) \\`code\\` \\*bold\\* \\@everyone ⏎ next')
    expect(text).not.toContain('<img')
  })

  it('fences a time-line that holds a fence itself', () => {
    const evidence = [{ type: 'fail', timeMs: 1, client: 'c0', call: 1, f: 'x', error: '```\n# owned' } as const]
    const text = report({ runs: [brokenRun({ verdict: 'invalid', findings: [finding({ evidence })] })] })
    expect(text).toContain('\n````\n')
    expect(text).not.toMatch(/^# owned/m)
  })
})
