import { writeFileSync } from 'node:fs'
import { it } from 'vitest'
import { htmlReport } from '../../reports/html/page.ts'
import { junitReport } from '../../reports/junit.ts'
import { markdownReport } from '../../reports/markdown.ts'
import { textReport } from '../../reports/text.ts'
import { brokenRun, everyEvent, finding, runRecord, savedRun, scenarioRun } from './records.ts'

it('x', () => {
  const record = runRecord({
    verdict: 'invalid',
    runs: [
      brokenRun({ findings: [finding(), finding({ check: 'delivery', evidence: everyEvent })] }),
      scenarioRun({ scenario: 'other' }),
    ],
    saturation: {
      url: 'http://127.0.0.1:4711/api',
      requests: 1000,
      connections: 50,
      requestsPerSecond: 4321,
      latencyMs: { p50: 4, p99: 20, max: 51 },
      non2xx: 0,
      errors: 0,
    },
    notes: ['a note'],
  })
  const audits = [0, 1, 2, 3].map(
    (round) =>
      ({
        type: 'audit',
        timeMs: 1,
        round,
        counts: { timers: 2, descriptors: 21, 'resource:hold': round, heapMiB: 4.25 },
        blind: [],
        items: [],
      }) as never,
  )
  const saved = savedRun(record, { audits: [audits, []] })
  writeFileSync('/tmp/r.txt', textReport(saved))
  writeFileSync('/tmp/r.ansi', textReport(saved, { colors: true }))
  writeFileSync('/tmp/r.xml', junitReport(saved))
  writeFileSync('/tmp/r.md', markdownReport(saved))
  writeFileSync('/tmp/r.html', htmlReport(saved))
})
