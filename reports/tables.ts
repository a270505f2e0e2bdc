import type { AuditEvent } from '../harness/history/event.ts'
import type { RunRecord, Saturation, ScenarioRun } from '../harness/record.ts'
import { repeatsOf } from './circumstances.ts'
import { duration, grouped, milliseconds, percent, shortened, signs } from './wording.ts'

/** A table as every format shows it: the first column holds names, the others figures. */
export interface Table {
  title: string
  head: string[]
  rows: string[][]
  /** What stands below it. */
  note?: string
}

/** Names that a target makes up (a lock for each user, say) must not make a report unreadable. */
const rowsMax = 60

/** The tables of a scenario, but for those that would be empty. `audits` are those of its history, where it was read. */
export function tablesOf(run: ScenarioRun, audits: readonly AuditEvent[]): Table[] {
  return [checks(run), latency(run), contention(run), leaks(run), growth(run, audits), counts(run, audits), faults(run)]
    .filter(({ rows }) => rows.length > 0)
    .map(cut)
}

function cut(table: Table): Table {
  const { length } = table.rows
  if (length <= rowsMax) return table
  return {
    ...table,
    rows: table.rows.slice(0, rowsMax),
    note: `and ${grouped(length - rowsMax)} more rows, in run.json`,
  }
}

/** One row for each scenario that kept its promise: where, and how much of it was run. */
export function keptTable(runs: readonly ScenarioRun[]): Table {
  const rows = runs.map((run) => [
    `${signs.valid} ${run.scenario}`,
    run.world,
    run.target,
    ...[run.clients, run.calls].map(grouped),
    repeatsOf(run),
    duration(run.durationMs),
  ])
  return {
    title: 'Kept their promises',
    head: ['scenario', 'world', 'target', 'clients', 'calls', 'tried', 'took'],
    rows,
  }
}

function checks({ checks: results }: ScenarioRun): Table {
  const rows = results.map(({ check, verdict, findings, reason }) => [
    check,
    verdict,
    findings === 0 ? (reason ?? '') : `${findings} ${findings === 1 ? 'finding' : 'findings'}`,
  ])
  return { title: 'Checks', head: ['check', 'verdict', ''], rows }
}

function latency({ latencyMs, schedules }: ScenarioRun): Table {
  const rows = Object.entries(latencyMs).map(([operation, { count, p50, p90, p99, max }]) => [
    operation,
    grouped(count),
    ...[p50, p90, p99, max].map(milliseconds),
  ])
  const title = schedules === null ? 'Latency' : 'Latency in virtual time, of the schedule that is told'
  return { title, head: ['operation', 'count', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms'], rows }
}

function contention(run: ScenarioRun): Table {
  const head = [
    'lock',
    'acquired',
    'waits',
    'share',
    'of requests',
    'wait ms p50/p99/max',
    'hold ms p50/p99/max',
    'longest queue',
    'convoys',
  ]
  return { title: 'Lock contention', head, rows: run.contention.map(contentionRow) }
}

type LockProfile = ScenarioRun['contention'][number]

function contentionRow({
  lock,
  acquisitions,
  waits,
  waitShare,
  requestShare,
  waitMs,
  holdMs,
  longestQueue,
  convoys,
}: LockProfile): string[] {
  const counts = [grouped(acquisitions), grouped(waits), percent(waitShare), percent(requestShare)]
  const times = [waitMs, holdMs].map(({ p50, p99, max }) => [p50, p99, max].map(milliseconds).join(' / '))
  return [lock, ...counts, ...times, grouped(longestQueue), grouped(convoys.length)]
}

function leaks(run: ScenarioRun): Table {
  const rows = run.leaks.map(({ kind, count, items }) => [
    kind,
    `+${grouped(count)}`,
    shortened(items.slice(0, 5).join(', '), 200) + (items.length > 5 ? `, and ${items.length - 5} more` : ''),
  ])
  return { title: 'Left open', head: ['kind', 'more than before', 'which'], rows }
}

/** Slopes are told by their intervals: one that lies above 0 is growth, one that holds 0 is noise. */
function growth(run: ScenarioRun, audits: readonly AuditEvent[]): Table {
  const rows = (audits.length === 0 ? [] : run.growth)
    .filter(({ kind, low }) => low > 0 || !kind.startsWith('instances:'))
    .map(({ kind, counts, perRound, low, high }) => [
      kind,
      counts.map(shownCount).join(', '),
      ...[perRound, low, high].map((slope) => (slope > 0 ? '+' : '') + slope.toFixed(2)),
    ])
  return {
    title: 'Growth from round to round',
    head: ['kind', 'at rest after each round', 'a round', 'at least (95 %)', 'at most (95 %)'],
    rows,
  }
}

/** What was open when the target was at rest: before the first round, and after each. */
function counts(run: ScenarioRun, audits: readonly AuditEvent[]): Table {
  const leaked = new Set(run.leaks.map(({ kind }) => kind))
  const kinds = [...new Set(audits.flatMap((audit) => Object.keys(audit.counts)))]
    // There is a class for everything; those that did not leak would bury the rest.
    .filter((kind) => leaked.has(kind) || !kind.startsWith('instances:'))
    .sort((a, b) => Number(leaked.has(b)) - Number(leaked.has(a)) || (a < b ? -1 : 1))
  const rows = kinds.map((kind) => [
    leaked.has(kind) ? `${kind} (left open)` : kind,
    ...audits.map((audit) => shownCount(audit.counts[kind])),
  ])
  const head = ['open at rest', ...audits.map(({ round }) => (round === 0 ? 'before' : `round ${round}`))]
  return { title: 'Open at rest, round by round', head, rows }
}

function shownCount(count: number | undefined): string {
  if (count === undefined) return '–'
  return Number.isInteger(count) ? grouped(count) : count.toFixed(1)
}

function faults(run: ScenarioRun): Table {
  return {
    title: 'Faults',
    head: ['fault', 'times'],
    rows: run.faults.map(({ fault, times }) => [fault, grouped(times)]),
  }
}

/** The saturation test in one table. */
export function saturationTable({
  url,
  requests,
  connections,
  requestsPerSecond,
  latencyMs,
  non2xx,
  errors,
}: Saturation): Table {
  const { p50, p99, max } = latencyMs
  return {
    title: 'HTTP saturation',
    head: ['route', 'requests', 'at a time', 'requests/s', 'ms p50/p99/max', 'not 2xx', 'no answer'],
    rows: [
      [
        url,
        grouped(requests),
        grouped(connections),
        grouped(requestsPerSecond),
        [p50, p99, max].map(milliseconds).join(' / '),
        grouped(non2xx),
        grouped(errors),
      ],
    ],
    note: 'A closed loop: read the throughput, and take latencies from the scenarios.',
  }
}

/** The machine and the moment of a run. */
export function environmentTable({ startedAt, durationMs, machine }: RunRecord): Table {
  const rows = [
    ['started', startedAt],
    ['took', `${(durationMs / 1000).toFixed(1)} s`],
    ['Node.js', machine.node],
    ['platform', machine.platform],
    ['processors', String(machine.cpus)],
    ['memory', `${grouped(machine.memoryMiB)} MiB`],
  ]
  return { title: 'Environment', head: ['what', 'value'], rows }
}
