import { type Call, calls } from '../history/calls.ts'
import type { History, HistoryEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { Findings } from './findings.ts'
import { overtakings } from './overtaking.ts'
import { lockEvents } from './probes.ts'
import { burstsBeyond } from './rates.ts'
import { crowdBeyond, mostAtOnce, openStays, type Stay, stateStays } from './stays.ts'
import { runsOfStep, type Within } from './steps.ts'
import { at, count, names } from './wording.ts'

/** How many things may be in one of these states at once in a process. */
export interface StateBound {
  machine: string
  states: readonly string[]
  most: number
}

/** How often something may happen. */
export interface RateBound {
  /** What is counted, in the plural, as messages name it: `requests`. */
  what: string
  /** The group that an event counts for (such as its client), each of which is bounded for itself; null: not counted. */
  counts: (event: HistoryEvent) => string | null
  most: number
  /** Within any time of this length; in the whole run of the step or history when it is left out. */
  perMs?: number
  /** The step of the script that is looked at, each of its runs for itself; the whole history when it is left out. */
  step?: string
}

/** How large something may get, such as a buffer whose size an answer tells or an audit counts. */
export interface SizeBound {
  /** What is measured, as messages name it. */
  what: string
  /** The size that an event tells; undefined where it tells none. */
  size: (event: HistoryEvent) => number | undefined
  most: number
}

/** How a target says that it has no room. */
export interface RefusalBound {
  /** The operations that may be refused. */
  calls: readonly string[]
  /** The statuses that say so; 429 and 503 unless told otherwise. */
  statuses?: readonly number[]
}

export interface BoundsOptions {
  /** How many resources of a kind may be open at once in a process, such as `{ session: 100, permit: 4 }`. */
  open?: Readonly<Record<string, number>>
  states?: readonly StateBound[]
  rates?: readonly RateBound[]
  sizes?: readonly SizeBound[]
  refusals?: RefusalBound
  /** How many that asked later may get a lock before somebody who waits for it. */
  overtaken?: number
}

/**
 * What must not grow without limit does not: things open at once, things in a state, sizes, rates. Who finds no room is
 * told so by a status that says it. No waiter is overtaken for ever.
 *
 * Only what certainly was at one time is counted together: a thing is open from the time it says so until it says
 * otherwise, or its process exits. A bound on something of which nothing was seen is `unknown`, except a rate, where
 * nothing is what it may be; so are refusals that nobody met.
 */
export function bounds(options: BoundsOptions): Check {
  return {
    name: 'bounds',
    judge(history) {
      const findings = new Findings('bounds')
      const blind = [
        ...Object.entries(options.open ?? {}).map(([resource, most]) => judgeOpen(history, resource, most, findings)),
        ...(options.states ?? []).map((bound) => judgeStates(history, bound, findings)),
        ...(options.rates ?? []).map((bound) => judgeRate(history, bound, findings)),
        ...(options.sizes ?? []).map((bound) => judgeSize(history, bound, findings)),
        options.refusals === undefined ? null : judgeRefusals(history, options.refusals, findings),
        options.overtaken === undefined ? null : judgeOvertaking(history, options.overtaken, findings),
      ].filter((reason) => reason !== null)
      return findings.count > 0 || blind.length === 0 ? judged(findings.told()) : unseen(blind.join('; '))
    },
  }
}

function judgeOpen(history: History, resource: string, most: number, findings: Findings): string | null {
  const byProcess = openStays(history, resource)
  for (const stays of byProcess) tellCrowd(`${resource} open`, stays, most, findings)
  return byProcess.length > 0 ? null : `the target publishes no resource '${resource}' through raceproof/probe`
}

function judgeStates(history: History, { machine, states, most }: StateBound, findings: Findings): string | null {
  const byProcess = stateStays(history, machine, states)
  for (const stays of byProcess) tellCrowd(`${machine} ${states.join(' or ')}`, stays, most, findings)
  return byProcess.length > 0 ? null : `nothing of the machine '${machine}' was ever ${states.join(' or ')}`
}

function tellCrowd(what: string, stays: readonly Stay[], most: number, findings: Findings): void {
  const crowd = crowdBeyond(stays, most)
  if (crowd === null) return
  const last = crowd.at(-1)!
  findings.add('crowd', what, () => ({
    message:
      `more than ${most} were ${what} at once: ${names(crowd.map(({ id }) => id))} at ${at(last.fromMs)}, ` +
      `and ${mostAtOnce(stays)} at the most`,
    clients: [],
    evidence: crowd.map(({ begun }) => begun),
    likelyCause:
      'There is no limit, or its count is read in one step and taken in another, with an await between them.',
  }))
}

function judgeRate(history: History, bound: RateBound, findings: Findings): string | null {
  const { step } = bound
  const runs = step === undefined ? [() => true] : runsOfStep(history, step)
  for (const within of runs) judgeRateIn(within, history, bound, findings)
  return runs.length > 0 ? null : `the run has no step '${step}'`
}

function judgeRateIn(within: Within, history: History, bound: RateBound, findings: Findings): void {
  const { what, counts, most, perMs = Number.POSITIVE_INFINITY } = bound
  const groupOf = (event: HistoryEvent) => (within(event.timeMs) ? counts(event) : null)
  for (const { group, events } of burstsBeyond(history, groupOf, most, perMs)) {
    const [first, last] = [events[0]!, events.at(-1)!]
    const time = perMs === Number.POSITIVE_INFINITY ? '' : ` within ${perMs} ms`
    findings.add(`rate ${what}`, group, () => ({
      message:
        `${group}: ${events.length} ${what}${time}, from ${at(first.timeMs)} to ${at(last.timeMs)}; ` +
        `at most ${most} is allowed`,
      clients: events.flatMap((event) => ('client' in event ? [event.client] : [])),
      evidence: events,
      likelyCause: 'It is tried again at once or at a fixed interval, without back-off and without an end.',
    }))
  }
}

function judgeSize(history: History, { what, size, most }: SizeBound, findings: Findings): string | null {
  let seen = false
  let largest: { event: HistoryEvent; value: number } | undefined
  for (const event of history) {
    const value = size(event)
    if (value === undefined) continue
    seen = true
    if (value > most && value > (largest?.value ?? 0)) largest = { event, value }
  }
  if (largest !== undefined) tellSize(what, largest.value, largest.event, most, findings)
  return seen ? null : `nothing told the size of ${what}`
}

function tellSize(what: string, value: number, event: HistoryEvent, most: number, findings: Findings): void {
  findings.add('size', what, () => ({
    message: `${what} grew to ${value} at ${at(event.timeMs)}; at most ${most} is allowed`,
    clients: 'client' in event ? [event.client] : [],
    evidence: [event],
    likelyCause:
      'Whoever reads is slow, or nobody reads at all, and what is written meanwhile is kept without a limit.',
  }))
}

const saysNoRoom: readonly number[] = [429, 503]

function judgeRefusals(history: History, bound: RefusalBound, findings: Findings): string | null {
  const { calls: operations, statuses = saysNoRoom } = bound
  const refused = calls(history).filter(({ f, outcome }) => operations.includes(f) && outcome.type === 'fail')
  for (const call of refused) {
    const { status } = call.outcome as Call['outcome'] & { type: 'fail' }
    if (status === undefined || !statuses.includes(status)) tellRefusal(call, statuses, history, findings)
  }
  return refused.length > 0 ? null : `no call of ${names(operations)} was refused, so nothing shows how`
}

function tellRefusal(call: Call, statuses: readonly number[], history: History, findings: Findings): void {
  const { client, f, outcome } = call as Call & { outcome: { type: 'fail' } }
  findings.add('refusal', client, () => ({
    message:
      `${client}'s ${f} was refused at ${at(outcome.timeMs)} with ${outcome.status ?? 'no status'} ` +
      `(${outcome.error}); for lack of room, ${statuses.join(' or ')} is expected`,
    clients: [client],
    evidence: history.filter((event) => 'call' in event && event.call === call.call),
    likelyCause: 'The limit is noticed by what fails beyond it, not by a check at admission.',
  }))
}

function judgeOvertaking(history: History, most: number, findings: Findings): string | null {
  const locks = [...lockEvents(history)]
  if (locks.length === 0) return 'the target publishes no locks through raceproof/probe'
  for (const { waiter, times, by } of overtakings(locks)) {
    if (times <= most) continue
    findings.add('overtaken', waiter.lock, () => ({
      message:
        `${waiter.owner} waited for lock ${waiter.lock} from ${at(waiter.source.timeMs)}, and was overtaken ` +
        `${count(times, 'time')} by others that asked later; at most ${most} is allowed`,
      clients: [],
      evidence: [waiter.source, by.source],
      likelyCause:
        'The lock is free for whoever comes next when it is released, instead of handed to who waits longest.',
    }))
  }
  return null
}
