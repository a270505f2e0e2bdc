import type { CompletionEvent, History, InvokeEvent } from './event.ts'

/** What became of a call. `known` tells whether its effect is certain: `info` and open calls are not. */
export type Outcome =
  | { type: 'ok'; known: true; output: unknown; timeMs: number }
  | { type: 'fail'; known: true; error: string; status: number | undefined; timeMs: number }
  | { type: 'info'; known: false; error: string; status: number | undefined; abandoned: boolean; timeMs: number }
  | { type: 'open'; known: false; timeMs: number }

/** An invocation and its completion. */
export interface Call {
  call: number
  client: string
  f: string
  input: unknown
  invokedMs: number
  outcome: Outcome
}

/**
 * Pairs invocations with completions, in order of invocation. A call without completion is `open`, with an infinite
 * end: it may or may not have happened.
 */
export function calls(history: History): Call[] {
  const paired = new Map<number, Call>()
  for (const event of history) {
    if (event.type === 'invoke') paired.set(event.call, openCall(event))
    else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') {
      const call = paired.get(event.call)
      if (call) call.outcome = outcomeOf(event)
    }
  }
  return [...paired.values()]
}

function openCall({ call, client, f, input, timeMs }: InvokeEvent): Call {
  return {
    call,
    client,
    f,
    input,
    invokedMs: timeMs,
    outcome: { type: 'open', known: false, timeMs: Number.POSITIVE_INFINITY },
  }
}

function outcomeOf(event: CompletionEvent): Outcome {
  const { timeMs, status, error = 'no reason was given' } = event
  if (event.type === 'ok') return { type: 'ok', known: true, output: event.output, timeMs }
  if (event.type === 'fail') return { type: 'fail', known: true, error, status, timeMs }
  return { type: 'info', known: false, error, status, abandoned: event.abandoned === true, timeMs }
}
