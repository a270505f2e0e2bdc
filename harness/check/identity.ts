import { type Call, calls } from '../history/calls.ts'
import type { History, HistoryEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { Findings } from './findings.ts'

export interface IdentityOptions {
  /** The field that a call sends in its input and must find again in its output. */
  marker?: string
}

interface Marked {
  call: Call
  sent: unknown
  got: unknown
}

/**
 * Each reply answers its own request: the marker that a call sent comes back in its output. A reply without the marker
 * is a wrong one, as it cannot be told whose it is. Calls without an answer say nothing.
 */
export function identity({ marker = 'marker' }: IdentityOptions = {}): Check {
  return {
    name: 'identity',
    judge(history) {
      const all = calls(history)
      const marked = all.map((call) => markedCall(call, marker)).filter((call) => call !== null)
      if (marked.length === 0) return unseen(`no answered call sent a '${marker}'`)
      const senders = new Map(all.map((call) => [fieldOf(call.input, marker), call]))
      const findings = new Findings('identity')
      for (const one of marked) {
        if (one.sent !== one.got) tell(one, marker, senders.get(one.got), history, findings)
      }
      return judged(findings.told())
    },
  }
}

function markedCall(call: Call, marker: string): Marked | null {
  const sent = fieldOf(call.input, marker)
  if (sent === undefined || call.outcome.type !== 'ok') return null
  return { call, sent, got: fieldOf(call.outcome.output, marker) }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined
}

function tell(
  { call, sent, got }: Marked,
  marker: string,
  sender: Call | undefined,
  history: History,
  findings: Findings,
): void {
  const whose =
    got === undefined
      ? `without any ${marker}`
      : `with ${String(got)}, ${sender ? `which ${sender.client} had sent` : 'which nobody had sent'}`
  findings.add(sender ? 'swapped' : 'stray', call.client, () => ({
    message: `${call.client} sent ${call.f} with the ${marker} ${String(sent)} and was answered ${whose}`,
    clients: sender && got !== undefined ? [call.client, sender.client] : [call.client],
    evidence: eventsOf(sender && got !== undefined ? [call, sender] : [call], history),
    likelyCause: 'Pending replies are kept by an id that is unique only within one client, such as the JSON-RPC id.',
  }))
}

function eventsOf(shown: readonly Call[], history: History): HistoryEvent[] {
  return history.filter((event) => 'call' in event && shown.some(({ call }) => call === event.call))
}
