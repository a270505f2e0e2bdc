import type { Model, Operation } from '../../model.ts'
import type { Failure } from './decide.ts'
import type { DeadEnd } from './search.ts'
import { shrink } from './shrink.ts'
import { type PrefixFailure, smallestPrefix, upTo } from './smallest-prefix.ts'
import { show, whose } from './wording.ts'

/** Why the calls on one part of an object are impossible. */
export interface Explanation {
  key: string | null
  /** The position of the last event of the smallest beginning of the history that is impossible. */
  end: number
  /** Whether it is proved to be the smallest; a very large history is spared that. */
  smallest: boolean
  /** How many calls on this part had begun by then. */
  calls: number
  /** A few calls that show it, in order of invocation; those that had not returned by `end` are pending. */
  witness: Operation[]
  /** A few more calls on this part that were going on, or had just ended, when it became impossible. */
  around: Operation[]
  /** One sentence. */
  reason: string
}

const witnessAtMost = 8
const aroundAtMost = 4

/** Turns a failure into an explanation: the smallest impossible prefix, a witness, and a sentence. */
export function explain(model: Model, operations: readonly Operation[], found: Failure): Explanation {
  const prefix = smallestPrefix(model, operations, found)
  const { by } = prefix.failure
  const calls = upTo(prefix.failure.part.operations, prefix.end)
  if (by.kind === 'monitor') return explanation(prefix, calls, by.witness, `${by.reason}.`)
  const core = shrink(model, calls)
  const proof = core !== null && core.length <= witnessAtMost
  const witness = proof ? core : closest(model, calls, by.deadEnd.operation)
  const alone =
    proof && core.length > 1 ? ` These ${core.length} calls contradict each other, whatever effect the others had.` : ''
  return explanation(prefix, calls, witness, `${sentence(by.deadEnd)}${alone}`)
}

function sentence({ operation, states, moreStates }: DeadEnd): string {
  const possible = states.map(show).join(', ')
  const state = `the state was ${possible}${moreStates ? ' or another of many' : ''}`
  return `${whose(operation)} fits no order of the calls: when it had to take effect, ${state}, where it is impossible.`
}

/** The impossible call, and of the others that are known to have changed the state the last that began before it ended. */
function closest(model: Model, calls: readonly Operation[], impossible: Operation): Operation[] {
  const before = calls.filter(({ known, call, start }) => known && call !== impossible.call && start < impossible.end)
  const changing = before.filter((operation) => model.readOnly?.(operation) !== true)
  return [...changing.slice(1 - witnessAtMost), impossible]
}

function explanation(
  { failure, end, smallest }: PrefixFailure,
  calls: readonly Operation[],
  witness: readonly Operation[],
  reason: string,
): Explanation {
  const { key } = failure.part
  const ordered = upTo(witness, end).sort(byStart)
  return {
    key,
    end,
    smallest,
    calls: calls.length,
    witness: ordered,
    around: callsAround(ordered, calls),
    reason: key === null ? reason : `key ${key}: ${reason}`,
  }
}

/** Of the calls that were open or began while the witness's last one was, those that began last. */
function callsAround(witness: readonly Operation[], calls: readonly Operation[]): Operation[] {
  const shown = new Set(witness.map(({ call }) => call))
  const from = witness.at(-1)!.start
  const beside = calls.filter(({ call, end }) => !shown.has(call) && end > from)
  return beside
    .sort((one, other) => other.start - one.start)
    .slice(0, aroundAtMost)
    .sort(byStart)
}

function byStart(one: Operation, other: Operation): number {
  return one.start - other.start
}
