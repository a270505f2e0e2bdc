import type { CompletionEvent, History, HistoryEvent, ProbeEvent, TargetEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { nothingCompleted, somethingCompleted } from './progress.ts'
import { at, count, names } from './wording.ts'

export interface ServerErrorsOptions {
  /** Server statuses by which the target refuses on purpose, such as 503 for lack of room. */
  refusals?: readonly number[]
  /** Errors that the scenario brings about, by their messages: the target must tell each of them, and they count for nothing else. */
  expected?: readonly RegExp[]
}

/** JSON-RPC's code for an error that the server did not foresee. */
const internalError = -32603

/**
 * The target meets no error that it did not foresee: no call is answered with a server error (HTTP 500–599 except the
 * declared refusals, or JSON-RPC's internal error), no error is published through the probe, and no process of it exits
 * unless asked to. Equal messages are told once. Of the errors that a scenario provokes, each must be published.
 */
export function serverErrors({ refusals = [503], expected = [] }: ServerErrorsOptions = {}): Check {
  return {
    name: 'server-errors',
    judge(history) {
      const findings = new Findings('server-errors')
      tellExits(history, findings)
      tellAnswers(history, refusals, findings)
      tellProbes(history, expected, findings)
      tellSilence(history, expected, findings)
      if (findings.count === 0 && !somethingCompleted(history)) return unseen(nothingCompleted(history))
      return judged(findings.told())
    },
  }
}

function tellExits(history: History, findings: Findings): void {
  const stopping = new Set<string>()
  for (const event of history) {
    if (event.type !== 'target') continue
    if (event.event === 'stopping') stopping.add(event.process)
    // How a process ends that was asked to is a question of what it leaves behind, not of errors.
    if (event.event !== 'exited' || event.expected !== false || stopping.has(event.process)) continue
    findings.add('exit', event.process, () => ({
      message: `the target's process ${event.process} exited at ${at(event.timeMs)} although nobody asked it to: ${event.detail}`,
      clients: [],
      evidence: [...lastOutput(history, event), event],
      likelyCause: 'An exception or a rejected promise that nobody handled; its stack is in the output just before.',
    }))
  }
}

/** The last words of a process. */
function lastOutput(history: History, exit: TargetEvent): HistoryEvent[] {
  return history
    .filter((event) => event.type === 'target' && event.event === 'output' && event.process === exit.process)
    .filter(({ timeMs }) => timeMs <= exit.timeMs)
    .slice(-5)
}

function tellAnswers(history: History, refusals: readonly number[], findings: Findings): void {
  const groups = new DefaultMap<string, CompletionEvent[]>(() => [])
  for (const event of history) {
    if ((event.type === 'fail' || event.type === 'info') && isServerError(event.status, refusals)) {
      groups.of(`${event.f} was answered ${event.status}: ${event.error}`).push(event)
    }
  }
  for (const [message, events] of groups) {
    const clients = events.map(({ client }) => client)
    findings.add('answer', message, () => ({
      message: `${message} — ${count(events.length, 'time')}, to ${names(new Set(clients))}`,
      clients,
      evidence: events.slice(0, 3),
      likelyCause: 'The handler came upon a state that it did not foresee, such as an entry gone after an await.',
    }))
  }
}

function isServerError(status: number | undefined, refusals: readonly number[]): boolean {
  if (status === undefined || refusals.includes(status)) return false
  return (status >= 500 && status <= 599) || status === internalError
}

function tellProbes(history: History, expected: readonly RegExp[], findings: Findings): void {
  const groups = new DefaultMap<string, HistoryEvent[]>(() => [])
  for (const event of publishedErrors(history)) {
    if (expected.some((message) => message.test(String(event.value.message)))) continue
    groups.of(`${event.value.where}: ${event.value.message}`).push(event)
  }
  for (const [message, events] of groups) {
    findings.add('probe', message, () => ({
      message: `the target met an error in ${message} — ${count(events.length, 'time')}`,
      clients: [],
      evidence: events.slice(0, 3),
      likelyCause: 'The code came upon a state that it did not foresee; the stack in the evidence says where.',
    }))
  }
}

function tellSilence(history: History, expected: readonly RegExp[], findings: Findings): void {
  const messages = publishedErrors(history).map(({ value }) => String(value.message))
  const answers = history.filter(({ type }) => type === 'ok')
  for (const pattern of expected) {
    if (messages.some((message) => pattern.test(message)) || !somethingCompleted(history)) continue
    findings.add('silence', String(pattern), () => ({
      message: `the target met an error that it was bound to meet (${pattern}), and told nobody`,
      clients: [],
      evidence: answers.slice(-3),
      likelyCause: 'Something catches every error and goes on: the cause is lost, and so is what failed.',
    }))
  }
}

function publishedErrors(history: History): ProbeEvent[] {
  return history.filter((event) => event.type === 'probe').filter(({ topic }) => topic === 'error')
}
