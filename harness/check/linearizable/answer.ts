import type { History } from '../../history/event.ts'
import type { Model, Operation } from '../../model.ts'
import type { Verdict } from '../verdict.ts'
import { type DecideOptions, decide } from './decide.ts'
import { type Explanation, explain } from './explain.ts'
import { callText } from './wording.ts'

/** A call of a witness. `start` and `end` are the places of its events in the history. */
export interface WitnessCall {
  call: number
  client: string
  f: string
  input: unknown
  /** Undefined while the call is pending, and when it answered nothing. */
  output: unknown
  outcome: 'ok' | 'pending'
  invokedMs: number
  returnedMs: number | null
  start: number
  end: number | null
  /** `read() → 3`. */
  text: string
}

/** The smallest beginning of the history that no order of calls explains. */
export interface ImpossiblePrefix {
  /** The events of the history, up to and with the return that is one too many. */
  events: number
  /** The calls on the key (or on the whole object) that had begun by then. */
  calls: number
  key: string | null
  untilMs: number
  /** Whether it is proved that nothing shorter is impossible; a history of very many calls is spared that. */
  smallest: boolean
}

/** The whole answer to the question whether calls are linearizable. */
export interface Answer {
  verdict: Verdict
  model: string
  /** How many calls were judged: all but those that certainly had no effect. */
  calls: number
  /** What decided: a monitor, the search, or both, and why not the monitor alone. */
  checker: string
  complexity: string
  /** Why it is not `valid`, in a sentence or two; null when it is. */
  reason: string | null
  /** Null unless the verdict is `invalid`. */
  prefix: ImpossiblePrefix | null
  /** A few calls that show why, in order of invocation; empty unless the verdict is `invalid`. */
  witness: WitnessCall[]
  /** A few more calls around them, which are no part of the proof; for the picture. */
  around: WitnessCall[]
}

/** Judges operations whose positions are places in this history. */
export function answer(model: Model, operations: Operation[], history: History, options: DecideOptions = {}): Answer {
  const { verdict, checker, complexity, failure, reason } = decide(model, operations, options)
  const common = { verdict, model: model.name, calls: operations.length, checker, complexity }
  if (failure === null) return { ...common, reason, prefix: null, witness: [], around: [] }
  const explanation = explain(model, operations, failure)
  return {
    ...common,
    reason: explanation.reason,
    prefix: prefixOf(explanation, history),
    witness: explanation.witness.map((operation) => witnessCall(operation, history)),
    around: explanation.around.map((operation) => witnessCall(operation, history)),
  }
}

function prefixOf({ key, end, calls, smallest }: Explanation, history: History): ImpossiblePrefix {
  return { events: end + 1, calls, key, untilMs: history[end]!.timeMs, smallest }
}

function witnessCall(operation: Operation, history: History): WitnessCall {
  const { call, client, f, input, output, known, start, end } = operation
  return {
    call,
    client,
    f,
    input: input ?? null,
    output,
    outcome: known ? 'ok' : 'pending',
    invokedMs: history[start]!.timeMs,
    returnedMs: known ? history[end]!.timeMs : null,
    start,
    end: known ? end : null,
    text: callText(operation),
  }
}
