import { readFileSync } from 'node:fs'
import { type Access, type Account, type Call, type Check, check, type HistoryEvent } from 'raceproof'
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
  bounds: check.bounds({
    open: { session: 2 },
    states: [{ machine: 'job', states: ['starting', 'running'], most: 1 }],
    rates: [
      { what: 'requests', counts: (event) => (event.type === 'invoke' ? event.client : null), most: 3, perMs: 100 },
      { what: 'polls', counts: (event) => (event.type === 'invoke' ? event.f : null), most: 0, step: 'idle' },
    ],
    sizes: [{ what: 'buffer', size: bufferedIn, most: 100 }],
    refusals: { calls: ['start'] },
    overtaken: 1,
  }),
  'bounds of a step': check.bounds({
    rates: [{ what: 'starts', counts: (event) => (event.type === 'ok' ? 'everybody' : null), most: 2, step: 'flood' }],
  }),
  contention: check.contention({ steady: 'steady', stampede: 'stampede', minRequests: 4, maxConvoy: 10 }),
  delivery: check.delivery({ lifetime, complete: linesAsAnnounced }),
  'double-loads': check.doubleLoads({ ttlMs: { brief: 20 } }),
  freshness: check.freshness({ access: accessOf }),
  identity: check.identity(),
  latency: check.latency({ step: 'crowded', baseline: 'calm', calls: ['read'], minSamples: 3 }),
  'latency of deliveries': check.latency({ step: 'crowded', baseline: 'calm', of: 'deliveries', minSamples: 2 }),
  leftovers: check.leftovers({ except: ['instances:Kept'] }),
  'leftovers of one killed': check.leftovers({ growth: false }),
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
    clear: 'clear',
  }),
  progress: check.progress(),
  'progress in time': check.progress({ withinMs: 100 }),
  'server-errors': check.serverErrors(),
  'server-errors provoked': check.serverErrors({ expected: [/disk is full/] }),
  'set-full': check.setFull(),
  survival: check.survival({ account: accountOf }),
}

function bufferedIn(event: HistoryEvent) {
  return event.type === 'ok' ? (event.output as { buffered?: number } | undefined)?.buffered : undefined
}

/** `set {"title":"a"}` writes fields, and so does `get`'s answer show them. */
function accessOf({ f, input, outcome }: Call): Access[] {
  const fields = (value: unknown) => Object.entries(value as object)
  if (f === 'set') return fields(input).map(([thing, wrote]) => ({ thing, wrote }))
  return outcome.type === 'ok' ? fields(outcome.output).map(([thing, saw]) => ({ thing, saw })) : []
}

/** Plans are created and deleted one by one or by a prefix, looked at one by one, and listed. */
function accountOf({ f, input, outcome }: Call): Account | null {
  const plan = String(input)
  if (f === 'create') return { keeps: [plan] }
  if (f === 'delete') return { removes: [plan] }
  if (f === 'sweep') return { removes: (other) => other.startsWith(plan) }
  if (f === 'get') return { covers: [plan], shows: outcome.type === 'ok' ? [plan] : [] }
  if (f !== 'list' || outcome.type !== 'ok') return null
  return { covers: () => true, shows: outcome.output as string[] }
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

/** `latency of deliveries` is in `latency-of-deliveries.ok.txt`. */
function fileOf(name: string): string {
  return name.replaceAll(' ', '-')
}

describe.each(Object.entries(checks))('%s', (name, judge) => {
  it('is called by its name', () => {
    expect(name.startsWith(judge.name)).toBe(true)
  })

  it.each(cases(`${fileOf(name)}.ok`))('stays silent: $title', ({ text, reason }) => {
    const judgement = judge.judge(history(text))
    expect(judgement.findings.map(({ message }) => message)).toEqual([])
    expect(judgement.verdict).toBe(reason === undefined ? 'valid' : 'unknown')
    if (reason !== undefined) expect(judgement.reason).toContain(reason)
  })

  it.each(cases(`${fileOf(name)}.bad`))('objects: $title', ({ text, findings }) => {
    const judgement = judge.judge(history(text))
    expect(judgement.verdict).toBe('invalid')
    expect(judgement.findings.map(({ message }) => message)).toEqual(
      findings.map((part) => expect.stringContaining(part)),
    )
    for (const { check, evidence, likelyCause } of judgement.findings) {
      expect(check).toBe(judge.name)
      expect(evidence.length).toBeGreaterThan(0)
      expect(evidence.length).toBeLessThanOrEqual(12)
      expect(likelyCause).toBeTruthy()
    }
  })
})
