/**
 * Sequential specifications: what each operation would do, and answer, if nobody else were there. A model is a value;
 * `check.linearizable({ model })` asks whether the calls of a history can be put into one order that the model allows
 * and that respects real time.
 */

import { HarnessError } from './errors.ts'

/** Returned by `apply` or `step`: the call cannot take effect in this state (a lock that is held cannot be acquired). */
export const impossible: unique symbol = Symbol('impossible')

/** Returned by `apply` as the output: whatever the call answered is right (most writes answer nothing of interest). */
export const anything: unique symbol = Symbol('anything')

/** The operations of an object, as an interface of methods that take one input. */
export type Operations<Ops> = { [F in keyof Ops]: (input: never) => unknown }

type InputOf<Op> = Op extends (input: infer Input) => unknown ? Input : never
type OutputOf<Op> = Op extends (input: never) => infer Output ? Output : never

/** What is known of a call's answer. A call that is still open, or whose end nobody knows, has none. */
export type Answer<Output = unknown> = { known: true; output: Output } | { known: false }

/** A call as a model sees it. `output` is undefined while the call is pending. */
export interface ModelCall {
  f: string
  input: unknown
  output: unknown
}

/** The end of a call that has none, later than any position. An integer, so that ends are stored as plain integers. */
export const never = 2 ** 31 - 1

/**
 * One call to be put in order. `start` and `end` are positions in the history: of its invocation, and of its
 * completion, or `never` for a call that may or may not have happened.
 */
export interface Operation extends ModelCall {
  call: number
  client: string
  /** False for a call that is pending; its output is unknown then. */
  known: boolean
  start: number
  end: number
}

/**
 * What a monitor says of the calls on one object. `witness` are a few calls that contradict each other: by themselves
 * (`alone`), or given what the others answered that had begun by then. `end` is the position with which the history
 * becomes impossible, where the monitor knows it exactly.
 */
export type MonitorAnswer =
  | { verdict: 'valid' }
  | { verdict: 'invalid'; reason: string; witness: Operation[]; alone: boolean; end?: number }
  | { verdict: 'unsuited'; reason: string }

/** Decides histories of one kind of object without a search, where the data allows; else it says why it cannot. */
export interface Monitor {
  readonly name: string
  /** The time it takes for n calls, with the paper it follows. */
  readonly complexity: string
  judge(operations: readonly Operation[]): MonitorAnswer
}

interface ModelCommon<State> {
  /** The name under which answers show it. */
  name?: string
  /** The state before the first call. States are values: `apply` and `step` must never change the one they get. */
  init: State
  /**
   * The independent part of the object that a call is about, such as its key. Calls on different parts are judged
   * apart, each part beginning with `init`. Undefined: the call is about the whole object; then nothing is divided.
   */
  partition?(input: never, f: string): string | number | undefined
  /**
   * True when a call with this answer never changes the state: in no state that allows the answer. It makes the search
   * faster by far, and makes it wrong when it is not so. Asked of pending calls too, with an undefined output.
   */
  readOnly?(call: ModelCall): boolean
  /**
   * Given all answered calls, returns a function that maps states which no later answer can tell apart to one of them.
   * The function must map `f(f(state))` as `f(state)`.
   */
  observe?(answered: readonly ModelCall[]): (state: State) => State
  /**
   * Operations whose answers never matter: their `apply` always answers {@link anything}. Then calls that differ in their
   * answers alone are one class for the search, which many blind increments at once need.
   */
  blind?: readonly string[]
  /** Part of what a call is: who made it. `apply` and `step` then get the client as their last argument. */
  byClient?: boolean
  /** Tried before the search. */
  monitor?: Monitor
}

/** Computes the answer and the next state. The usual way: unknown outcomes need no thought. */
export interface AppliedModel<Ops extends Operations<Ops>, State> extends ModelCommon<State> {
  apply: {
    [F in keyof Ops]: (
      state: State,
      input: InputOf<Ops[F]>,
      client: string,
    ) => readonly [output: OutputOf<Ops[F]> | typeof anything, next: State] | typeof impossible
  }
  step?: undefined
}

/** Judges the answer. For objects whose answers cannot be computed, such as ids that a server makes up. */
export interface SteppedModel<Ops extends Operations<Ops>, State> extends ModelCommon<State> {
  step: {
    [F in keyof Ops]: (
      state: State,
      input: InputOf<Ops[F]>,
      answer: Answer<OutputOf<Ops[F]>>,
      client: string,
    ) => State | typeof impossible
  }
  apply?: undefined
}

type Apply = (state: unknown, input: unknown, client: string) => readonly [unknown, unknown] | typeof impossible
type Step = (state: unknown, input: unknown, answer: Answer, client: string) => unknown

/** A model as the checker uses it, its types erased. Make it with {@link model}. */
export interface Model {
  readonly name: string
  readonly init: unknown
  readonly apply: Readonly<Record<string, Apply>>
  readonly step: Readonly<Record<string, Step>>
  readonly byClient: boolean
  readonly blind: readonly string[]
  readonly partition?: (input: unknown, f: string) => string | number | undefined
  readonly readOnly?: (call: ModelCall) => boolean
  readonly observe?: (answered: readonly ModelCall[]) => (state: unknown) => unknown
  readonly monitor?: Monitor
}

/**
 * Declares a model. `Ops` is an interface with one method for each operation, `State` what the object holds.
 *
 * ```ts
 * const seatModel = model<{ reserve(buyer: string): boolean; holder(): string | null }, string | null>({
 *   init: null,
 *   apply: {
 *     reserve: (holder, buyer) => (holder === null ? [true, buyer] : [holder === buyer, holder]),
 *     holder: (holder) => [holder, holder],
 *   },
 *   readOnly: ({ f, output }) => f === 'holder' || output === false,
 * })
 * ```
 *
 * Throws `ERR_SCENARIO_INVALID` when it has no operations.
 */
export function model<Ops extends Operations<Ops>, State>(
  definition: AppliedModel<Ops, State> | SteppedModel<Ops, State>,
): Model {
  const { name = 'custom', apply = {}, step = {}, byClient = false, blind = [], ...rest } = definition
  if (Object.keys({ ...apply, ...step }).length === 0) {
    const problem =
      'apply, or step, must hold one function for each operation, as in { read: (state) => [state, state] }'
    throw new HarnessError('ERR_SCENARIO_INVALID', `model '${name}': ${problem}`)
  }
  return { ...rest, name, apply, step, byClient, blind } as Model
}

/** The names of the operations that a model knows. */
export function operationNames({ apply, step }: Model): string[] {
  return [...Object.keys(apply), ...Object.keys(step)]
}
