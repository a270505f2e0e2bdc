import { readFile } from 'node:fs/promises'
import { type Answer, answer } from '../check/linearizable/answer.ts'
import { readJepsenEdn } from '../check/linearizable/formats/jepsen.ts'
import { readJepsenLog } from '../check/linearizable/formats/jepsen-log.ts'
import { readJsonl } from '../check/linearizable/formats/jsonl.ts'
import type { LineProblem, SavedHistory } from '../check/linearizable/formats/saved-history.ts'
import { effective, strangersAmong } from '../check/linearizable/linearizable.ts'
import { modelNamed, models } from '../check/linearizable/models.ts'
import { operationsOf } from '../check/linearizable/operations.ts'
import { type Budget, defaultBudget } from '../check/linearizable/reductions.ts'
import { timeline } from '../check/linearizable/timeline.ts'
import { count } from '../check/wording.ts'
import { HarnessError, messageOf } from '../errors.ts'
import type { Model } from '../model.ts'

/** What `raceproof check` says of a file. */
export interface HistoryAnswer extends Answer {
  /** The format that was recognised. */
  format: string
  /** Everything that is wrong with the file itself. */
  problems: LineProblem[]
}

/**
 * Judges a saved or foreign history file: our JSONL, Jepsen EDN, or the log of a Jepsen run; the format is recognised.
 *
 * Throws `ERR_UNKNOWN_NAME` for a model that does not exist, and `ERR_RECORD_INVALID` for a file that cannot be read or
 * has none of the formats. A file whose lines are wrong is `unknown`, each named; one that breaks off is judged up to
 * there, and is never `valid`.
 */
export async function checkHistory(
  path: string,
  modelName: string,
  budget: Partial<Budget> = {},
): Promise<HistoryAnswer> {
  const model = modelNamed(modelName)
  if (model === undefined) {
    const names = Object.keys(models).join(', ')
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `no model is named '${modelName}'. The models are ${names}; semaphore:N has N permits.`,
    )
  }
  return judgeSaved(readHistory(await textOf(path), path), model, { ...defaultBudget, ...budget })
}

/** The answer as text for a terminal: verdict, why, and the witness as a time-line. */
export function answerText({
  verdict,
  model,
  calls,
  checker,
  complexity,
  format,
  reason,
  prefix,
  witness,
  around,
}: HistoryAnswer): string {
  const lines = [`${verdict}: ${count(calls, 'call')} against the model ${model} (${format})`]
  lines.push(`checked by ${checker}; ${complexity}`)
  if (reason !== null) lines.push('', reason)
  if (prefix !== null) {
    const of = prefix.key === null ? '' : ` on key ${prefix.key}`
    lines.push(
      `The first ${count(prefix.events, 'event')}, with ${count(prefix.calls, 'call')}${of}, are ${prefix.smallest ? 'the smallest beginning' : 'a beginning'} that is impossible.`,
    )
  }
  if (witness.length > 0) lines.push('', timeline(witness, around))
  if (around.length > 0) lines.push('', 'In brackets: other calls that went on at the end.')
  return lines.join('\n')
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    throw new HarnessError('ERR_RECORD_INVALID', `cannot read the history ${path}: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  }
}

function readHistory(text: string, path: string): SavedHistory {
  const [first = ''] = /\S.*/.exec(text) ?? []
  if (/^\{\s*(["}]|$)/.test(first)) return readJsonl(text)
  if (/^[[({;#]/.test(first)) return readJepsenEdn(text)
  if (/jepsen\./.test(text.slice(0, 4096))) return readJepsenLog(text)
  const got = first === '' ? 'an empty file' : `'${first.slice(0, 40)}'`
  throw new HarnessError(
    'ERR_RECORD_INVALID',
    `${path} has no format that is known: expected JSONL ({"type": …), Jepsen EDN ({:process …) or a Jepsen log, got ${got}.`,
  )
}

function judgeSaved(saved: SavedHistory, model: Model, budget: Budget): HistoryAnswer {
  const { format, history, lines, cutAt } = saved
  const paired = operationsOf(history)
  const operations = effective(paired)
  const problems = [
    ...saved.problems,
    ...paired.problems.map(({ position, text }) => ({ line: lines[position]!, text })),
    ...strangersAmong(model, operations).map(({ operation, text }) => ({ line: lines[operation.start]!, text })),
  ].sort((one, other) => one.line - other.line)
  const told = { format, problems }
  if (problems.length > 0) return { ...notJudged(model, operations.length, problemText(problems)), ...told }
  const judged = operations.some(({ known }) => known)
    ? answer(model, operations, history, { budget })
    : notJudged(model, operations.length, 'no call was completed, so nothing is shown')
  return { ...(cutAt === null ? judged : upToCut(judged, cutAt)), ...told }
}

function notJudged(model: Model, calls: number, reason: string): Answer {
  const common = { verdict: 'unknown', model: model.name, calls, reason } as const
  return { ...common, checker: 'none', complexity: 'none', prefix: null, witness: [], around: [] }
}

function problemText(problems: readonly LineProblem[]): string {
  const told = problems.slice(0, 5).map(({ line, text }) => `line ${line}: ${text}`)
  const more = problems.length > told.length ? `; and ${problems.length - told.length} more` : ''
  return told.join('; ') + more
}

/** What was cut off can only make a valid history invalid: linearizable histories have linearizable beginnings. */
function upToCut(judged: Answer, cutAt: number): Answer {
  const cut = `the file breaks off in line ${cutAt}; what is before it was judged`
  if (judged.verdict === 'valid') return { ...judged, verdict: 'unknown', reason: `${cut}, and is linearizable` }
  return { ...judged, reason: `${judged.reason} (${cut})` }
}
