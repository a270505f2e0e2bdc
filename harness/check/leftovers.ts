import type { AuditEvent, History, TargetEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { Findings } from './findings.ts'
import { certainRounds, type Growth, roundsNeeded, type SteadyGrowth, slope, steadyGrowth } from './growth.ts'
import { names } from './wording.ts'

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
interface Series extends Leak {
  counts: number[]
  audits: AuditEvent[]
  /** Of a leak that shows only in its growth. */
  growth: SteadyGrowth | null
}

/**
 * When the target is at rest, nothing is left of what the clients did.
 *
 * What is counted exactly (resources that the target publishes, child processes) must be back at the baseline after
 * every round. Everything else (descriptors, timers, sockets, instances, heap) varies in a healthy process, so only
 * {@link steadyGrowth} is a leak, and only from `leastGrowth` on: growth in the last three rounds raises the suspicion, so
 * that more rounds are asked for, and growth in the last six is one. What could not be seen, or not for long enough, is
 * `unknown`; a leak found nevertheless is `invalid`. A process that was asked to stop must exit by itself, and leave no
 * child behind.
 *
 * Where the world knows all that is open (audits that are `exact`), everything must be back at the baseline, and one
 * round is enough to tell.
 */
export function leftovers(options: LeftoversOptions = {}): Check {
  return {
    name: 'leftovers',
    judge(history) {
      const audits = auditsOf(history)
      if (audits.length === 0) return unseen('nothing was counted: the history has no audit')
      const findings = new Findings('leftovers')
      const all = leaking(history, audits, options)
      for (const series of all.filter(isCertain)) tellLeak(series, findings)
      tellExits(history, findings)
      const judgement = judged(findings.told())
      if (judgement.verdict === 'invalid') return judgement
      const suspected = all.filter((series) => !isCertain(series)).map(suspicion)
      const blind = [...suspected, ...blindSpots(history, audits, options)]
      if (blind.length === 0) return judgement
      return { ...unseen(blind.join('; ')), ...(suspected.length > 0 ? { moreRounds: true } : {}) }
    },
  }
}

/** What was left open, by kind. */
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

function auditsOf(history: History): AuditEvent[] {
  return history.filter((event) => event.type === 'audit')
}

function isExact(kind: string, audits: readonly AuditEvent[]): boolean {
  return kind === 'childProcesses' || kind.startsWith('resource:') || areExact(audits)
}

function areExact(audits: readonly AuditEvent[]): boolean {
  return audits.length > 0 && audits.every(({ exact }) => exact === true)
}

function leaking(history: History, audits: readonly AuditEvent[], options: LeftoversOptions): Series[] {
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
function sinceLastStart(history: History, rounds: readonly AuditEvent[]): AuditEvent[] {
  const start = history.findLast((event) => event.type === 'target' && event.event === 'spawned')
  return rounds.filter(({ timeMs }) => timeMs > (start?.timeMs ?? Number.NEGATIVE_INFINITY))
}

function excess(kind: string, audits: AuditEvent[]): Series | null {
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
): Series | null {
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

function isCertain({ growth }: Series): boolean {
  return growth === null || growth.rounds >= certainRounds
}

/** Why it is not known whether something is a leak. */
function suspicion({ kind, counts, items, growth }: Series): string {
  return (
    `${kind} grew in each of the last ${growth!.rounds} rounds: ${figuresOf(counts)}${addedTo(items)}; so does a pool that is ` +
    `filled as it is needed, and only what grows in each of ${certainRounds} rounds of one process is a leak`
  )
}

function tellLeak(series: Series, findings: Findings): void {
  const { kind, audits, growth } = series
  findings.add(growth === null ? 'left' : 'grown', kind, () => ({
    message: growth === null ? leftMessage(series) : growthMessage(series, growth),
    clients: [],
    evidence: audits,
    likelyCause: likelyCauseOf(kind),
  }))
}

function leftMessage({ kind, counts, items }: Series): string {
  const what = kind.startsWith('resource:')
    ? `open resources of kind '${kind.slice('resource:'.length)}'`
    : spoken(kind)
  const which = items.length > 0 ? `: ${names(items, 5)}` : ''
  return `${what} were left at rest: ${counts[0]} before the first round, then ${counts.slice(1).join(', ')}${which}`
}

/** `childProcesses` as it is spoken: `child processes`. */
function spoken(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function growthMessage({ kind, counts, items }: Series, { rounds, perRound, low, high }: SteadyGrowth): string {
  return (
    `${kind} grew in each of the last ${rounds} rounds: ${figuresOf(counts)}; about ${rounded(perRound)} a round ` +
    `(with a confidence of 95 %, ${rounded(low)} to ${rounded(high)})${addedTo(items)}`
  )
}

/** What was added since before the first round, where that is known. */
function addedTo(items: readonly string[]): string {
  return items.length > 0 ? `; new since before the first round: ${names(items)}` : ''
}

function figuresOf(counts: readonly number[]): string {
  return counts.map(rounded).join(', ')
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}

function likelyCauseOf(kind: string): string {
  if (kind === 'childProcesses')
    return 'A process was started after its owner had been cleaned up, or is not killed with its group.'
  if (kind === 'timers') return 'A heartbeat or time-out is not cleared on one of the ways on which its owner ends.'
  if (kind === 'descriptors' || kind === 'sockets' || kind === 'pipes') {
    return 'A connection or pipe is not closed on one of the ways on which its owner ends, or a dead peer is never noticed.'
  }
  return 'One of the ways on which it ends (error, disconnect, deletion during creation) skips the cleanup.'
}

/** Processes that were asked to stop, and had to be ended or left something behind. */
function tellExits(history: History, findings: Findings): void {
  const stopping = new Map<string, TargetEvent>()
  for (const event of history) {
    if (event.type !== 'target') continue
    if (event.event === 'stopping') stopping.set(event.process, event)
    const asked = stopping.get(event.process)
    if (event.event !== 'exited' || event.expected !== false || asked === undefined) continue
    findings.add('exit', event.process, () => ({
      message: `the target's process ${event.process} was asked to stop and did not end cleanly: ${event.detail}`,
      clients: [],
      evidence: [asked, event],
      likelyCause:
        'Something still keeps its event loop alive: an open connection, a timer, a worker or a child process.',
    }))
  }
}

function blindSpots(history: History, audits: readonly AuditEvent[], { growth = true }: LeftoversOptions): string[] {
  const blind = [...new Set(audits.flatMap((audit) => audit.blind))].map((spot) => `not seen: ${spot}`)
  if (!audits.some(({ round }) => round === 0)) return [...blind, 'there is no baseline from before the first round']
  const settled = audits.filter(({ round }) => round > 0)
  if (!growth && settled.length > 0) return blind
  const rounds = sinceLastStart(history, settled).length
  if (rounds >= roundsNeeded || (rounds > 0 && areExact(audits))) return blind
  return [...blind, `growth shows over at least ${roundsNeeded} rounds of one process, and only ${rounds} came to rest`]
}
