import { readFileSync } from 'node:fs'
import { type Check, check, type HistoryEvent } from 'raceproof'
import { describe, expect, it } from 'vitest'
import { history } from './notation.ts'

/**
 * The corpus: for each check, histories that it must let pass and histories that it must object to.
 *
 *     # title of the case
 *     …the history…
 *     > a part of the finding that is expected, one line each; without any, none may be found
 *     ? a part of the reason why the verdict is unknown
 */
const checks: Record<string, Check> = {
  contention: check.contention({ steady: 'steady', stampede: 'stampede', minRequests: 4 }),
  delivery: check.delivery({ lifetime, complete: linesAsAnnounced }),
  'double-loads': check.doubleLoads(),
  identity: check.identity(),
  leftovers: check.leftovers({ except: ['instances:Kept'] }),
  lifecycle: check.lifecycle({
    machines: {
      plan: { initial: ['accepted'], transitions: { accepted: ['running'], running: ['completed', 'failed'] } },
    },
  }),
  'lock-order': check.lockOrder(),
  'mutual-exclusion': check.mutualExclusion(),
  'one-instance': check.oneInstance({
    key: 'session',
    instance: 'instance',
    calls: ['start', 'read'],
    cache: 'sessions',
  }),
  progress: check.progress(),
  'server-errors': check.serverErrors(),
}

function lifetime({ f, input }: { f: string; input: unknown }) {
  if (f === 'create') return { stream: String(input), event: 'begins' } as const
  return f === 'delete' ? ({ stream: String(input), event: 'ends' } as const) : null
}

function linesAsAnnounced(
  _: readonly HistoryEvent[],
  _stream: string,
  events: readonly { kind: string; data: unknown }[],
) {
  const announced = (events.at(-1)?.data as { lines?: number } | undefined)?.lines
  const lines = events.filter(({ kind }) => kind === 'log').length
  return announced === undefined || announced === lines ? null : `the end says ${announced} lines, but ${lines} came`
}

interface Case {
  title: string
  text: string
  findings: string[]
  reason: string | undefined
}

function cases(file: string): Case[] {
  const text = readFileSync(new URL(`../../histories/${file}.txt`, import.meta.url), 'utf8')
  return text
    .split(/^# /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n')
      const marked = (mark: string) => lines.filter((line) => line.startsWith(`${mark} `)).map((line) => line.slice(2))
      const events = lines.filter((line) => !/^[>?] /.test(line))
      return { title, text: events.join('\n'), findings: marked('>'), reason: marked('?')[0] }
    })
}

describe.each(Object.entries(checks))('%s', (name, judge) => {
  it('is called by its name', () => {
    expect(judge.name).toBe(name)
  })

  it.each(cases(`${name}.ok`))('stays silent: $title', ({ text, reason }) => {
    const judgement = judge.judge(history(text))
    expect(judgement.findings.map(({ message }) => message)).toEqual([])
    expect(judgement.verdict).toBe(reason === undefined ? 'valid' : 'unknown')
    if (reason !== undefined) expect(judgement.reason).toContain(reason)
  })

  it.each(cases(`${name}.bad`))('objects: $title', ({ text, findings }) => {
    const judgement = judge.judge(history(text))
    expect(judgement.verdict).toBe('invalid')
    expect(judgement.findings.map(({ message }) => message)).toEqual(
      findings.map((part) => expect.stringContaining(part)),
    )
    for (const { check, evidence, likelyCause } of judgement.findings) {
      expect(check).toBe(name)
      expect(evidence.length).toBeGreaterThan(0)
      expect(evidence.length).toBeLessThanOrEqual(12)
      expect(likelyCause).toBeTruthy()
    }
  })
})
