import type { AuditEvent, History } from '../history/event.ts'
import { certainRounds, type Growth, roundsNeeded, type SteadyGrowth, slope, steadyGrowth } from './growth.ts'

/** Something that was open in the target when nothing should have been. */
export interface Leak {
  kind: string
  /** How many more than before the first round there were when it was last seen. */
  count: number
  items: string[]
}

export interface LeftoversOptions {
  /** Kinds that may grow by design, such as the instances of a record that is kept on purpose. */
  except?: readonly string[]
  /** The least growth over the judged rounds that counts, by kind, where the default is too fine or too coarse. */
  leastGrowth?: Readonly<Record<string, number>>
  /**
   * False where no process lives for three rounds, because the scenario kills one in each: then only what is counted exactly
   * is judged, and growth, which could not be seen, is not asked for. True when left out.
   */
  growth?: boolean
}

/** A leak with the counts that show it: before the first round, then after each. */
export interface LeakSeries extends Leak {
  counts: number[]
  audits: AuditEvent[]
  /** Of a leak that shows only in its growth. */
  growth: SteadyGrowth | null
}

/** What was left open for certain, by kind. */
export function leaksOf(history: History, options: LeftoversOptions = {}): Leak[] {
  const certain = leaking(history, auditsOf(history), options).filter(isCertain)
  return certain.map(({ kind, count, items }) => ({ kind, count, items }))
}

/** How one kind of thing grew over the rounds of one process, whether that is a leak or not. */
export interface Slope extends Growth {
  kind: string
  /** Counts at rest, after each round. */
  counts: number[]
}

/**
 * The growth a round of everything that was counted, as a slope with its confidence interval: a leak is one whose interval
 * lies above 0, and never a single number. Empty with fewer than three rounds of one process.
 */
export function leakSlopes(history: History): Slope[] {
  const rounds = sinceLastStart(
    history,
    auditsOf(history).filter(({ round }) => round > 0),
  )
  const kinds = [...new Set(rounds.flatMap(({ counts }) => Object.keys(counts)))].sort()
  return kinds.flatMap((kind) => {
    const counts = rounds.map((audit) => countOf(kind, audit)).filter((count) => count !== undefined)
    return counts.length < roundsNeeded ? [] : [{ kind, counts, ...slope(counts) }]
  })
}

export function auditsOf(history: History): AuditEvent[] {
  return history.filter((event) => event.type === 'audit')
}

function isExact(kind: string, audits: readonly AuditEvent[]): boolean {
  return kind === 'childProcesses' || kind.startsWith('resource:') || areExact(audits)
}

/** Whether the world knows all that is open. */
export function areExact(audits: readonly AuditEvent[]): boolean {
  return audits.length > 0 && audits.every(({ exact }) => exact === true)
}

/** What was left open, and what may turn out to be a leak. */
export function leaking(history: History, audits: readonly AuditEvent[], options: LeftoversOptions): LeakSeries[] {
  const baseline = audits.find(({ round }) => round === 0)
  const rounds = audits.filter(({ round }) => round > 0)
  if (baseline === undefined || rounds.length === 0) return []
  const comparable = [baseline, ...sinceLastStart(history, rounds)]
  const kinds = new Set(audits.flatMap(({ counts }) => Object.keys(counts)))
  return [...kinds]
    .filter((kind) => !options.except?.includes(kind))
    .map((kind) => (isExact(kind, audits) ? excess(kind, [baseline, ...rounds]) : grown(kind, comparable, options)))
    .filter((series) => series !== null)
}

/** The rounds whose counts are about one process: a restarted one begins to count from its own beginning. */
export function sinceLastStart(history: History, rounds: readonly AuditEvent[]): AuditEvent[] {
  const start = history.findLast((event) => event.type === 'target' && event.event === 'spawned')
  return rounds.filter(({ timeMs }) => timeMs > (start?.timeMs ?? Number.NEGATIVE_INFINITY))
}

function excess(kind: string, audits: AuditEvent[]): LeakSeries | null {
  const counts = audits.map((audit) => audit.counts[kind] ?? 0)
  const before = counts[0]!
  // The last round with something left knows best what it is.
  const last = counts.findLastIndex((count, round) => round > 0 && count > before)
  if (last < 0) return null
  return { kind, count: counts[last]! - before, items: itemsOf(kind, audits[last]!), counts, audits, growth: null }
}

/** The items of a kind. Child processes are named with their command, which tells them from a resource called process. */
function itemsOf(kind: string, { items, exact }: AuditEvent): string[] {
  if (exact) return items.filter((item) => item.startsWith(`${kind.replace(/^resource:/, '')} `))
  const isChild = (item: string) => /^process \d+ \S/.test(item)
  if (kind === 'childProcesses') return items.filter(isChild)
  return items.filter((item) => item.startsWith(`${kind.slice('resource:'.length)} `) && !isChild(item))
}

function grown(
  kind: string,
  audits: AuditEvent[],
  { leastGrowth, growth: asked = true }: LeftoversOptions,
): LeakSeries | null {
  if (!asked) return null
  const seen = audits.filter((audit) => countOf(kind, audit) !== undefined)
  const counts = seen.map((audit) => countOf(kind, audit)!)
  const [before, ...after] = counts
  if (before === undefined || after.length < roundsNeeded) return null
  const growth = steadyGrowth(before, after)
  if (growth === null) return null
  // Whatever an idle process gathers by chance in three rounds stays below this; a leak of each client does not.
  const least = leastGrowth?.[kind] ?? (kind === 'heapMiB' ? 8 : 4)
  if (growth.perRound * (after.length - 1) < least) return null
  const items = kind === 'descriptors' ? newDescriptors(seen[0]!, seen.at(-1)!) : []
  return { kind, count: after.at(-1)! - before, items, counts, audits: seen, growth }
}

/** On what more descriptors are open than before, the most first. */
function newDescriptors({ descriptors: before = {} }: AuditEvent, { descriptors: after = {} }: AuditEvent): string[] {
  return Object.entries(after)
    .map(([thing, count]) => ({ thing, more: count - (before[thing] ?? 0) }))
    .filter(({ more }) => more > 0)
    .sort((one, other) => other.more - one.more)
    .map(({ thing, more }) => `${more} on ${thing}`)
}

/** A class without an instance is not listed; any other kind that is not listed could not be seen. */
function countOf(kind: string, { counts }: AuditEvent): number | undefined {
  return counts[kind] ?? (kind.startsWith('instances:') ? 0 : undefined)
}

/** False for what may still be something that is filled as it is needed. */
export function isCertain({ growth }: LeakSeries): boolean {
  return growth === null || growth.rounds >= certainRounds
}
