import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { htmlReport } from '../../reports/html/page.ts'
import { audit, brokenRun, everyEvent, finding, runRecord, savedRun, scenarioRun } from './records.ts'

const report = (...args: Parameters<typeof runRecord>) => htmlReport(savedRun(runRecord(...args)))
const broken = () => report({ verdict: 'invalid', runs: [brokenRun(), scenarioRun({ scenario: 'box-office' })] })

describe('the HTML page', () => {
  it('asks for nothing from the network', () => {
    const page = broken()
    expect(page).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b/i)
    expect(page).not.toMatch(/\bsrc(set)?\s*=|@import|url\(/i)
    for (const [, target] of page.matchAll(/\bhref="([^"]*)"/g)) expect(target).toMatch(/^(#|history\.jsonl$)/)
  })

  it('has a policy that allows its own style sheet and script and nothing else', () => {
    const page = broken()
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
    const hashOf = (tag: string) => {
      const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)![1]!
      return createHash('sha256').update(text).digest('base64')
    }
    const unescaped = policy.replaceAll('&#39;', "'")
    expect(unescaped).toContain("default-src 'none'")
    expect(unescaped).toContain(`style-src 'sha256-${hashOf('style')}'`)
    expect(unescaped).toContain(`script-src 'sha256-${hashOf('script')}'`)
    // Styles and handlers in attributes would be blocked, so there must be none.
    expect(page).not.toMatch(/\s(style|on\w+)="/)
  })

  it('says everything without a script', () => {
    const page = broken().replace(/<script>[\s\S]*<\/script>/, '')
    for (const told of [
      'invalid',
      '1 of 2 scenarios broke its promise',
      '--defect check-then-act',
      'c1',
      'several tries',
      '12.031 ms',
    ]) {
      expect(page).toContain(told)
    }
  })

  it('shows what a target wrote as text, wherever it stands', () => {
    const hostile = '"><script>alert(1)</script><a href="javascript:x">\'&\u0000'
    const run = brokenRun({
      scenario: hostile,
      promise: hostile,
      source: hostile,
      target: hostile,
      defect: hostile,
      replay: hostile,
      history: hostile,
      profile: hostile,
      notes: [hostile],
      checks: [{ check: hostile, verdict: 'unknown', findings: 0, reason: hostile }],
      findings: [
        finding({
          check: hostile,
          message: hostile,
          clients: [hostile],
          likelyCause: hostile,
          evidence: [
            ...everyEvent,
            { type: 'probe', timeMs: 1, process: hostile, topic: 'lock', value: { [hostile]: hostile } },
          ],
        }),
      ],
      leaks: [{ kind: hostile, count: 1, items: [hostile] }],
      latencyMs: { [hostile]: { count: 1, p50: 1, p90: 1, p99: 1, max: 1 } },
      faults: [{ fault: hostile, times: 1 }],
    })
    const page = report({ runs: [run, run], notes: [hostile] })
    expect(page.match(/<script>/g)).toHaveLength(1)
    expect(page).not.toMatch(/<a href="javascript/)
    expect(page).not.toContain('\u0000')
    expect(page).toContain('&lt;script&gt;alert(1)')
  })

  it('draws the percentiles of every operation in order on one axis', () => {
    const page = broken()
    const [, p50, p90] = /class="p50" cx="([\d.]+)"[\s\S]*?class="p90" cx="([\d.]+)"/.exec(page)!
    const [, max] = /class="max" x1="([\d.]+)"/.exec(page)!
    expect(Number(p50)).toBeLessThan(Number(p90))
    expect(Number(p90)).toBeLessThan(Number(max))
  })

  it('draws how long callers waited for a lock and held it, each bar as high as its share', () => {
    const bars = [
      ...report({ runs: [scenarioRun()] }).matchAll(/<rect class="histogram"[^>]* height="([\d.]+)"><title>([^<]+)/g),
    ]
    expect(bars.map(([, , told]) => told)).toEqual([
      'seats: waited up to 0.51 ms: 12 times',
      'seats: waited up to 8.19 ms: 6 times',
      'seats: held up to 0.03 ms: 1,200 times',
    ])
    const [often, seldom] = bars.map(([, height]) => Number(height))
    expect(often! / seldom!).toBeCloseTo(2)
  })

  it('tells growth from round to round by its interval', () => {
    const grown = { kind: 'timers', counts: [3, 5, 7], perRound: 2, low: 1.5, high: 2.5 }
    const runs = [scenarioRun({ growth: [grown] })]
    const page = htmlReport(savedRun(runRecord({ runs }), { audits: [[audit(1, { timers: 3 })]] }))
    expect(page).toMatch(/timers<\/td><td[^>]*>3, 5, 7<\/td><td[^>]*>\+2.00<\/td><td[^>]*>\+1.50<\/td><td[^>]*>\+2.50/)
  })

  it('survives latencies of nothing at all', () => {
    const page = report({ runs: [scenarioRun({ latencyMs: { ping: { count: 1, p50: 0, p90: 0, p99: 0, max: 0 } } })] })
    expect(page).not.toMatch(/NaN|Infinity/)
  })

  it('shows what was open round by round, what leaked first', () => {
    const audits = [0, 1, 2].map((round) => audit(round, { descriptors: 20, 'resource:hold': round }))
    const page = htmlReport(savedRun(runRecord({ runs: [brokenRun()] }), { audits: [audits] }))
    expect(page.indexOf('resource:hold (left open)')).toBeLessThan(page.indexOf('descriptors'))
    expect(page).toContain('<th class="figure">round 2</th>')
  })

  it('links the profile of a target that was profiled', () => {
    const page = report({ runs: [scenarioRun({ profile: 'seat-reservation/clinic-doctor.html' })] })
    expect(page).toContain('<a href="seat-reservation/clinic-doctor.html">')
  })

  it('stays below 1 MB however much went wrong', () => {
    const findings = Array.from({ length: 500 }, () =>
      finding({ message: 'm'.repeat(1900), evidence: [...everyEvent, ...everyEvent] }),
    )
    const runs = Array.from({ length: 20 }, (_, index) => brokenRun({ scenario: `scenario-${index}`, findings }))
    const page = report({ verdict: 'invalid', runs })
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000)
    expect(page).toContain('more findings, in run.json')
  })
})
