import type { AuditEvent, History, TargetEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { Findings } from './findings.ts'
import { certainRounds, roundsNeeded, type SteadyGrowth } from './growth.ts'
import {
  areExact,
  auditsOf,
  isCertain,
  type LeakSeries,
  type LeftoversOptions,
  leaking,
  sinceLastStart,
} from './leaks.ts'
import { names } from './wording.ts'

/**
 * When the target is at rest, nothing is left of what the clients did.
 *
 * What is counted exactly (resources that the target publishes, child processes) must be back at the baseline after
 * every round. Everything else (descriptors, timers, sockets, instances, heap) varies in a healthy process, so only
 * steady growth (`growth.ts`) is a leak, and only from `leastGrowth` on: growth in the last three rounds raises the suspicion, so
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

/** Why it is not known whether something is a leak. */
function suspicion({ kind, counts, items, growth }: LeakSeries): string {
  return (
    `${kind} grew in each of the last ${growth!.rounds} rounds: ${figuresOf(counts)}${addedTo(items)}; so does a pool that is ` +
    `filled as it is needed, and only what grows in each of ${certainRounds} rounds of one process is a leak`
  )
}

function tellLeak(series: LeakSeries, findings: Findings): void {
  const { kind, audits, growth } = series
  findings.add(growth === null ? 'left' : 'grown', kind, () => ({
    message: growth === null ? leftMessage(series) : growthMessage(series, growth),
    clients: [],
    evidence: audits,
    likelyCause: likelyCauseOf(kind),
  }))
}

function leftMessage({ kind, counts, items }: LeakSeries): string {
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

function growthMessage({ kind, counts, items }: LeakSeries, { rounds, perRound, low, high }: SteadyGrowth): string {
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
    return 'A connection, pipe or file is not closed on one of the ways on which its owner ends, or a dead peer is never noticed.'
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
