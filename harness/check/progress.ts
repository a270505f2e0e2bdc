import { type Call, calls } from '../history/calls.ts'
import type { CompletionEvent, History, HistoryEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { isOrderChosen } from './chosen-order.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type RestBetween, restsOf } from './rest.ts'
import { wasStuck } from './subscriber-complaints.ts'
import { endingOf, nameOf, type Stream, streamsOf, terminalKinds } from './subscriptions.ts'
import { at, count, names } from './wording.ts'

export interface ProgressOptions {
  /** The kinds of event that end a stream; `completed`, `failed` and `deleted` unless told otherwise. */
  terminal?: readonly string[]
  /**
   * How long a call may take, answered or not, in milliseconds of virtual time; no limit when it is left out. Real time is not
   * judged, since a busy machine may take any.
   */
  withinMs?: number
}

/**
 * After the faults have healed, everything comes to an end: no call is left open or had to be given up, nobody still
 * listens to a stream that has ended, and the target goes on answering. What was open when a run broke off proves
 * nothing. A run in which nothing completed shows no progress, and is `unknown`. With `withinMs`, no call takes longer than that.
 */
export function progress({ terminal = terminalKinds, withinMs }: ProgressOptions = {}): Check {
  return {
    name: 'progress',
    judge(history) {
      const findings = new Findings('progress')
      const restBetween = restsOf(history)
      tellHangingCalls(history, restBetween, findings)
      if (withinMs !== undefined && isOrderChosen(history)) tellLongCalls(history, withinMs, findings)
      for (const stream of streamsOf(history)) tellListeners(stream, new Set(terminal), restBetween, findings)
      if (findings.count > 0) return judged(findings.told())
      if (!somethingCompleted(history)) return unseen(nothingCompleted(history))
      const unfinished = unfinishedSteps(history, restBetween)
      return unfinished.length === 0 ? judged([]) : unseen(`never came to its end: ${names(unfinished)}`)
    },
  }
}

/** Why a run in which nothing completed cannot be valid, with what the first of its calls met. */
export function nothingCompleted(history: History): string {
  const nothing = 'no call was answered, and no event was delivered'
  const failed = history.filter((event): event is CompletionEvent => event.type === 'fail' || event.type === 'info')
  const [first] = failed
  return first === undefined
    ? nothing
    : `${nothing}; ${count(failed.length, 'call')} failed, the first, ${first.f}, with: ${first.error}`
}

/** Whether the target did anything at all: answered a call, or delivered an event. */
export function somethingCompleted(history: History): boolean {
  return history.some((event) => event.type === 'ok' || (event.type === 'observe' && event.f === 'event'))
}

/** Parts of the script that were still going on at rest, with nothing of the target to blame. */
function unfinishedSteps(history: History, restBetween: RestBetween): string[] {
  const open = new Map<string, number>()
  for (const event of history) {
    if (event.type !== 'step') continue
    const step = `step '${event.name}' of round ${event.round}`
    if (event.action === 'begin') open.set(step, event.timeMs)
    else open.delete(step)
  }
  return [...open].filter(([, beganMs]) => restBetween(beganMs, Number.POSITIVE_INFINITY)).map(([step]) => step)
}

function tellHangingCalls(history: History, restBetween: RestBetween, findings: Findings): void {
  const all = calls(history)
  const hanging = all.filter((call) => hangs(call, restBetween))
  if (hanging.length === 0) return
  if (stoppedAnswering(all, hanging)) tellSilence(all, hanging, history, findings)
  else tellByOperation(hanging, history, findings)
}

function tellByOperation(hanging: readonly Call[], history: History, findings: Findings): void {
  const operations = new DefaultMap<string, Call[]>(() => [])
  for (const call of hanging) operations.of(call.f).push(call)
  for (const [f, open] of operations) {
    findings.add('call', f, () => ({
      message:
        `${count(open.length, 'call')} of ${f} never ended: ${clientsOf(open)}; ` +
        `the first was made at ${at(open[0]!.invokedMs)} and still open at rest`,
      clients: open.map(({ client }) => client),
      evidence: invocations(open, history),
      likelyCause:
        'Somebody waits for what never comes: a lock that was not released, a lost wake-up, or a listener registered too late.',
    }))
  }
}

function tellLongCalls(history: History, withinMs: number, findings: Findings): void {
  const long = calls(history).filter(({ outcome, invokedMs }) => endedAfter(invokedMs, outcome) > withinMs)
  const operations = new DefaultMap<string, Call[]>(() => [])
  for (const call of long) operations.of(call.f).push(call)
  for (const [f, late] of operations) {
    const longestMs = Math.max(...late.map(({ outcome, invokedMs }) => endedAfter(invokedMs, outcome)))
    findings.add('long', f, () => ({
      message:
        `${count(late.length, 'call')} of ${f} took up to ${at(longestMs)}: ${clientsOf(late)}; ` +
        `${at(withinMs)} are allowed`,
      clients: late.map(({ client }) => client),
      evidence: invocations(late, history),
      likelyCause: 'It waits without a limit for somebody who hangs, and goes on only because that one does.',
    }))
  }
}

/** How long a call took that came to an end by itself. */
function endedAfter(invokedMs: number, outcome: Call['outcome']): number {
  const gaveUp = outcome.type === 'open' || (outcome.type === 'info' && outcome.abandoned)
  return gaveUp ? 0 : outcome.timeMs - invokedMs
}

function hangs({ outcome, invokedMs }: Call, restBetween: RestBetween): boolean {
  if (outcome.type === 'open') return restBetween(invokedMs, outcome.timeMs)
  return outcome.type === 'info' && outcome.abandoned
}

/** Several clients hang, and nothing that was asked for since the first of their calls was answered. */
function stoppedAnswering(all: readonly Call[], hanging: readonly Call[]): boolean {
  const open = new Set(hanging)
  const sinceMs = hanging[0]!.invokedMs
  const clients = new Set(hanging.map(({ client }) => client))
  return clients.size > 1 && all.every((call) => call.invokedMs < sinceMs || open.has(call))
}

function tellSilence(all: readonly Call[], hanging: Call[], history: History, findings: Findings): void {
  const open = new Set(hanging)
  const lastMs = all.reduce((last, call) => (open.has(call) ? last : Math.max(last, call.outcome.timeMs)), 0)
  findings.add('silence', 'the target', () => ({
    message:
      `the target stopped answering: ${count(hanging.length, 'call')} made since ${at(hanging[0]!.invokedMs)} ` +
      `never ended (${clientsOf(hanging)}); its last answer came at ${at(lastMs)}`,
    clients: hanging.map(({ client }) => client),
    evidence: invocations(hanging, history),
    likelyCause: 'The event loop is blocked, or all requests wait for one lock that nobody releases.',
  }))
}

function clientsOf(some: readonly Call[]): string {
  return names(new Set(some.map(({ client }) => client)))
}

function invocations(some: readonly Call[], history: History): HistoryEvent[] {
  const shown = new Set(some.slice(0, 3).map(({ call }) => call))
  return history.filter((event) => 'call' in event && shown.has(event.call))
}

function tellListeners(stream: Stream, kinds: ReadonlySet<string>, restBetween: RestBetween, findings: Findings): void {
  const ending = endingOf(stream, kinds)
  const stuck = stream.subscriptions.filter((subscription) => wasStuck(subscription, { ending, restBetween }))
  if (ending === undefined || stuck.length === 0) return
  findings.add('listener', stream.name, () => ({
    message:
      `${stream.name}: ${count(stuck.length, 'subscriber')} (${names(stuck.map(nameOf))}) still listened at rest, ` +
      `although the stream ended at ${at(ending.timeMs)} with event ${ending.id} (${ending.kind})`,
    clients: stuck.map(({ begin }) => begin.client),
    evidence: [ending, ...stuck.slice(0, 3).map(({ begin }) => begin)],
    likelyCause:
      'The subscriber was registered after the end had been published, or its connection is not closed at the end.',
  }))
}
