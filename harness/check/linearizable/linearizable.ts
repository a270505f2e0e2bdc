import { inspect } from 'node:util'
import { HarnessError } from '../../errors.ts'
import { type Call, calls } from '../../history/calls.ts'
import type { History, HistoryEvent } from '../../history/event.ts'
import type { Model, Operation } from '../../model.ts'
import { operationNames } from '../../model.ts'
import { type Check, type Judgement, judged, unseen } from '../check.ts'
import { type Answer, answer } from './answer.ts'
import { operationsOf, type PairedCalls } from './operations.ts'
import { type Budget, defaultBudget } from './reductions.ts'

/** A call in the model's words. With `output`, that is its answer, whatever the call's own outcome was. */
export interface Translation {
  f: string
  input: unknown
  output?: unknown
}

export interface LinearizableOptions {
  model: Model
  /**
   * Says what each call means to the model, null for one that is not about it. Without it, all calls of the history
   * must be operations of the model. A refusal that tells something (a 412 of a conditional write) is translated into
   * a call with an `output`; other calls that ended with `fail` had no effect and are left out.
   */
  translate?: (call: Call) => Translation | null
  /** Where the search gives up, see {@link defaultBudget}. */
  budget?: Partial<Budget>
}

/**
 * The calls can be put into one order, each between its invocation and its completion, in which the model gives exactly
 * the answers that were given (Herlihy and Wing 1990).
 *
 * Calls that are open or whose end nobody knows (`info`) may have taken effect at any time since they began, or never;
 * a call that ended with `fail` had no effect. A history that cannot be read (a completion without its call, two open
 * calls of one client, time that goes backwards, an operation that the model does not know) is `unknown`. Throws
 * `ERR_SCENARIO_INVALID` without a model.
 */
export function linearizable(options: LinearizableOptions): Check {
  if (typeof options?.model?.apply !== 'object') {
    const given = inspect(options?.model, { depth: 0 })
    const problem = `expected model to be one such as models.counter, or made by model({…}), got ${given}`
    throw new HarnessError('ERR_SCENARIO_INVALID', `check.linearizable(): ${problem}`)
  }
  return { name: 'linearizable', judge: (history) => judge(history, options) }
}

function judge(history: History, { model, translate, budget }: LinearizableOptions): Judgement {
  const paired = operationsOf(history)
  const [problem] = paired.problems
  if (problem !== undefined) return unseen(`event ${problem.position + 1} of the history: ${problem.text}`)
  const operations = translate === undefined ? effective(paired) : translated(paired, history, translate)
  const [stranger] = strangersAmong(model, operations)
  if (stranger !== undefined) return unseen(`${stranger.text}; ${howToName}`)
  if (!operations.some(({ known }) => known)) return unseen(`no call of the model ${model.name} was completed`)
  const { reason, ...result } = answer(model, operations, history, { budget: { ...defaultBudget, ...budget } })
  if (result.verdict === 'unknown') return unseen(reason ?? 'the search gave up')
  if (result.verdict === 'valid') return judged([])
  return judged([
    {
      check: 'linearizable',
      message: `${model.name}: not linearizable. ${reason}`,
      clients: [...new Set(result.witness.map(({ client }) => client))],
      evidence: evidenceOf(result, history),
      likelyCause: 'Two operations interleave at an await, or work on two copies of what should be one state.',
    },
  ])
}

const howToName =
  'name the calls of the client so, or give a translate that answers null for what is not about the model'

/** The calls that had, or may have had, an effect. */
export function effective({ operations, failed }: PairedCalls): Operation[] {
  return failed.size === 0 ? operations : operations.filter((operation) => !failed.has(operation))
}

/** Of each operation that the model does not know, its first call and what to say about it. */
export function strangersAmong(
  model: Model,
  operations: readonly Operation[],
): { operation: Operation; text: string }[] {
  const names = new Set(operationNames(model))
  const known = [...names].join(', ')
  const strangers = new Map<string, Operation>()
  for (const operation of operations) {
    if (!names.has(operation.f) && !strangers.has(operation.f)) strangers.set(operation.f, operation)
  }
  return [...strangers.values()].map((operation) => ({
    operation,
    text: `'${operation.f}' is no operation of the model ${model.name}, which knows ${known}`,
  }))
}

function translated(
  { operations, failed }: PairedCalls,
  history: History,
  translate: (call: Call) => Translation | null,
): Operation[] {
  const told = calls(history)
  return operations.flatMap((operation, place) => {
    const translation = translate(told[place]!)
    return translation === null ? [] : inWords(operation, translation, failed.get(operation))
  })
}

/** The operation in the model's words; a failed one, which ended at `failedAt`, counts only if it is given an answer. */
function inWords(operation: Operation, translation: Translation, failedAt: number | undefined): Operation[] {
  const { f, input, output } = translation
  if (!('output' in translation)) return failedAt === undefined ? [{ ...operation, f, input }] : []
  if (failedAt !== undefined) return [{ ...operation, f, input, output, known: true, end: failedAt }]
  return [operation.known ? { ...operation, f, input, output } : { ...operation, f, input }]
}

function evidenceOf({ witness }: Pick<Answer, 'witness'>, history: History): HistoryEvent[] {
  const positions = witness.flatMap(({ start, end }) => (end === null ? [start] : [start, end]))
  return [...new Set(positions)].sort((one, other) => one - other).map((position) => history[position]!)
}
