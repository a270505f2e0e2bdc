import { calls } from '../history/calls.ts'
import type { History, HistoryEvent } from '../history/event.ts'
import { type Check, type Judgement, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { deliveryLags } from './delivery-lags.ts'
import { Distribution } from './distribution.ts'
import { Findings } from './findings.ts'
import { withinStep } from './steps.ts'
import { at, count } from './wording.ts'

/** How long something took, and the event with which it was over. */
export interface Duration {
  what: string
  tookMs: number
  ended: HistoryEvent
}

export interface LatencyOptions {
  /** The step in which something must not be slow. */
  step: string
  /** The step that it is measured by: the same work, undisturbed, in the same run on the same machine. */
  baseline: string
  /** Calls from invocation to answer, or how long after its first receiver an event reaches the others. */
  of?: 'calls' | 'deliveries'
  /** The operations to look at; all of them when it is left out. */
  calls?: readonly string[]
  /** The percentile that is compared, in (0, 100]. */
  percentile?: number
  /** How many times the baseline it may be. */
  maxRatio?: number
  /** A baseline below this counts as this: differences of less than the machine's own are noise. */
  leastMs?: number
  /** Fewer durations than this in either step prove nothing. */
  minSamples?: number
}

/**
 * What is done in one step takes no longer than a few times as long as in another step of the same run. A ratio within a
 * run holds on any machine, where a limit in milliseconds would not. Calls without an answer are the business of
 * `progress`.
 */
export function latency(options: LatencyOptions): Check {
  return { name: 'latency', judge: (history) => judgeLatency(history, options) }
}

function judgeLatency(history: History, options: LatencyOptions): Judgement {
  const { step, baseline, of = 'calls', percentile = 99, maxRatio = 5, leastMs = 5, minSamples = 20 } = options
  const all = of === 'deliveries' ? deliveryLags(history) : callDurations(history, options.calls)
  const [judgedOnes, measure] = [durationsIn(step, history, all), durationsIn(baseline, history, all)]
  if (judgedOnes === null || measure === null) return unseen(`the run has no step '${judgedOnes ? baseline : step}'`)
  const fewest = Math.min(judgedOnes.length, measure.length)
  if (fewest < minSamples)
    return unseen(`only ${count(fewest, 'duration')} in a step; at least ${minSamples} are needed`)
  const [tookMs, calmMs] = [judgedOnes, measure].map((durations) => distributionOf(durations).percentileMs(percentile))
  const allowedMs = maxRatio * Math.max(calmMs!, leastMs)
  if (tookMs! <= allowedMs) return judged([])
  const slow = judgedOnes.filter((duration) => duration.tookMs > allowedMs).sort((a, b) => b.tookMs - a.tookMs)
  const findings = new Findings('latency')
  findings.add('slow', step, () => ({
    message:
      `in the step '${step}', the ${of} took ${at(tookMs!)} at the ${percentile}th percentile, against ${at(calmMs!)} in ` +
      `'${baseline}'; up to ${at(allowedMs)} are allowed. The slowest: ${slow[0]!.what}, ${at(slow[0]!.tookMs)}`,
    clients: slow.slice(0, 12).flatMap(({ ended }) => ('client' in ended ? [ended.client] : [])),
    evidence: slow.slice(0, 6).map(({ ended }) => ended),
    likelyCause: 'One that is slow is waited for before others are served, or work is looked for at intervals.',
  }))
  return judged(findings.told())
}

function callDurations(history: History, operations: readonly string[] | undefined): Duration[] {
  const ends = new Map(history.flatMap((event) => (event.type === 'ok' ? [[event.call, event] as const] : [])))
  return calls(history).flatMap(({ call, f, invokedMs, outcome }) => {
    if (outcome.type !== 'ok' || operations?.includes(f) === false) return []
    return [{ what: f, tookMs: outcome.timeMs - invokedMs, ended: ends.get(call)! }]
  })
}

/** The durations that began and ended in a step; null when the run has no such step. */
function durationsIn(step: string, history: History, all: readonly Duration[]): Duration[] | null {
  const within = withinStep(history, step)
  if (within === null) return null
  return all.filter(({ ended, tookMs }) => within(ended.timeMs) && within(ended.timeMs - tookMs))
}

function distributionOf(durations: readonly Duration[]): Distribution {
  const distribution = new Distribution()
  for (const { tookMs } of durations) distribution.record(tookMs)
  return distribution
}

/** How long the calls of one operation took, of those that were answered. */
export interface LatencyMs {
  count: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** The latency of each operation, by name, of the calls that are `ok`; from invocation to completion, in milliseconds. */
export function latencyTable(history: History): Record<string, LatencyMs> {
  const operations = new DefaultMap<string, Distribution>(() => new Distribution())
  for (const { f, invokedMs, outcome } of calls(history)) {
    if (outcome.type === 'ok') operations.of(f).record(outcome.timeMs - invokedMs)
  }
  const rows = [...operations].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(rows.map(([f, distribution]) => [f, row(distribution)]))
}

function row(distribution: Distribution): LatencyMs {
  return {
    count: distribution.count,
    p50: distribution.percentileMs(50),
    p90: distribution.percentileMs(90),
    p99: distribution.percentileMs(99),
    max: distribution.maxMs,
  }
}
