import type { AuditEvent, HistoryEvent } from '../../harness/history/event.ts'
import type { ReportedFinding, RunRecord, ScenarioRun } from '../../harness/record.ts'
import type { SavedRun } from '../../reports/saved-run.ts'

/** A record of a run that went well, changed where a test says so. */
export function runRecord(change: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    verdict: 'valid',
    seed: 42,
    startedAt: '2026-03-01T10:20:30.000Z',
    durationMs: 31_200,
    machine: { node: 'v20.20.0', platform: 'linux x64', cpus: 2, memoryMiB: 7936 },
    runs: [scenarioRun()],
    saturation: null,
    notes: [],
    ...change,
  }
}

/** One scenario that kept its promise. */
export function scenarioRun(change: Partial<ScenarioRun> = {}): ScenarioRun {
  return {
    scenario: 'seat-reservation',
    promise: 'A seat is sold once.',
    source: 'the handbook, chapter 3',
    world: 'live',
    target: 'theatre',
    defect: null,
    verdict: 'valid',
    seed: 42,
    clients: 120,
    calls: 4812,
    rounds: 3,
    durationMs: 8100,
    schedules: null,
    distinct: null,
    exhausted: null,
    traceHash: null,
    story: null,
    failing: null,
    workers: null,
    checks: [
      { check: 'delivery', verdict: 'valid', findings: 0, reason: null },
      { check: 'leftovers', verdict: 'valid', findings: 0, reason: null },
    ],
    findings: [],
    leaks: [],
    growth: [{ kind: 'heapUsedMiB', counts: [20.5, 20.75, 20.5], perRound: 0, low: -1.83, high: 1.83 }],
    doubleLoads: 0,
    contention: [
      {
        lock: 'seats',
        acquisitions: 1200,
        waits: 18,
        waitShare: 0.015,
        waitMs: { p50: 0.41, p99: 3.2, max: 7.25 },
        holdMs: { p50: 0.02, p99: 0.4, max: 1.5 },
        longestQueue: 4,
        requestShare: 0.0075,
        waitHistogram: [
          { upToMs: 0.512, count: 12 },
          { upToMs: 8.192, count: 6 },
        ],
        holdHistogram: [{ upToMs: 0.032, count: 1200 }],
        convoys: [{ fromMs: 100, untilMs: 140, handOvers: 9, longestQueue: 4 }],
      },
    ],
    latencyMs: {
      reserve: { count: 2400, p50: 1.25, p90: 3.5, p99: 21.4, max: 118 },
      release: { count: 2412, p50: 0.8, p90: 1.75, p99: 9.1, max: 40.2 },
    },
    faults: [{ fault: 'reset', times: 12 }],
    history: 'history.jsonl',
    profile: null,
    replay: 'raceproof run seat-reservation --world live --seed 42',
    notes: [],
    ...change,
  }
}

/** Two buyers get one seat. */
export function finding(change: Partial<ReportedFinding> = {}): ReportedFinding {
  return {
    check: 'mutual-exclusion',
    message: "seat 'k0' was sold to c0 and c1 at once",
    clients: ['c0', 'c1'],
    evidence: [
      { type: 'invoke', timeMs: 12.031, client: 'c0', call: 1, f: 'reserve', input: { seat: 'k0' } },
      { type: 'invoke', timeMs: 12.4, client: 'c1', call: 2, f: 'reserve', input: { seat: 'k0' } },
      { type: 'ok', timeMs: 13.02, client: 'c1', call: 2, f: 'reserve', output: true },
      { type: 'ok', timeMs: 113.5, client: 'c0', call: 1, f: 'reserve', output: true },
    ],
    likelyCause: 'The check and the act are two steps, with an await between them.',
    seed: 42,
    repro: null,
    holds: null,
    ...change,
  }
}

/** A scenario that broke its promise, with one finding. */
export function brokenRun(change: Partial<ScenarioRun> = {}): ScenarioRun {
  return scenarioRun({
    verdict: 'invalid',
    defect: 'check-then-act',
    replay: 'raceproof run seat-reservation --world live --seed 42 --defect check-then-act',
    checks: [
      { check: 'mutual-exclusion', verdict: 'invalid', findings: 1, reason: null },
      { check: 'leftovers', verdict: 'unknown', findings: 0, reason: 'not seen: sockets' },
    ],
    findings: [finding()],
    leaks: [{ kind: 'resource:hold', count: 3, items: ['hold k0#1', 'hold k1#4', 'hold k7#2'] }],
    ...change,
  })
}

/** One event of every type that a history knows, in all their forms. */
export const everyEvent: HistoryEvent[] = [
  { type: 'invoke', timeMs: 1, client: 'c0', call: 1, f: 'reserve', input: undefined },
  { type: 'ok', timeMs: 2, client: 'c0', call: 1, f: 'reserve' },
  { type: 'fail', timeMs: 3, client: 'c1', call: 2, f: 'reserve', error: 'seat taken', status: 409 },
  { type: 'info', timeMs: 4, client: 'c2', call: 3, f: 'reserve', error: 'socket hang up', abandoned: true },
  {
    type: 'observe',
    f: 'subscribe',
    timeMs: 5,
    client: 'c3',
    subscriber: 'c3/0',
    stream: 'hall',
    after: 0,
    via: 'sse',
  },
  {
    type: 'observe',
    f: 'event',
    timeMs: 6,
    client: 'c3',
    subscriber: 'c3/0',
    stream: 'hall',
    id: 1,
    kind: 'sold',
    data: { seat: 'k0' },
  },
  { type: 'observe', f: 'gap', timeMs: 7, client: 'c3', subscriber: 'c3/0', stream: 'hall', from: 2, to: 4 },
  {
    type: 'observe',
    f: 'end',
    timeMs: 8,
    client: 'c3',
    subscriber: 'c3/0',
    stream: 'hall',
    reason: 'lost',
    detail: 'ECONNRESET',
  },
  {
    type: 'probe',
    timeMs: 9,
    process: 'target-1/w2',
    topic: 'lock',
    value: { event: 'waiting', lock: 'seats', queue: 2 },
  },
  { type: 'fault', timeMs: 10, fault: 'stall both', action: 'start', scope: 'all' },
  { type: 'fault', timeMs: 11, fault: 'stall both', action: 'heal', scope: 'all' },
  { type: 'phase', timeMs: 12, phase: 'boot', round: 0 },
  { type: 'phase', timeMs: 13, phase: 'storm', round: 2 },
  { type: 'step', timeMs: 14, name: 'steady', action: 'begin', round: 1 },
  { type: 'step', timeMs: 15, name: 'steady', action: 'end', round: 1 },
  { type: 'audit', timeMs: 16, round: 0, counts: { timers: 0 }, blind: [], items: [] },
  {
    type: 'audit',
    timeMs: 17,
    round: 1,
    counts: { timers: 2, 'instances:Seat': 9, heapMiB: 4.25 },
    blind: ['sockets'],
    items: ['hold k0'],
  },
  { type: 'target', timeMs: 18, event: 'exited', process: 'target-1', detail: 'was ended by SIGSEGV', expected: false },
]

/** A run as it is read back, without histories. */
export function savedRun(record: RunRecord, change: Partial<SavedRun> = {}): SavedRun {
  return { record, audits: record.runs.map(() => []), missing: [], ...change }
}

/** What was open at rest after a round. */
export function audit(round: number, counts: Record<string, number>): AuditEvent {
  return { type: 'audit', timeMs: round * 1000, round, counts, blind: [], items: [] }
}
