import { HarnessError, messageOf } from '../errors.ts'
import type { History } from '../history/event.ts'
import type { Check, Judgement } from './check.ts'
import { nothingCompleted, somethingCompleted } from './progress.ts'
import { type Finding, mergeVerdicts, type Verdict } from './verdict.ts'

/** What one check said, for the table of checks. */
export interface CheckResult {
  check: string
  verdict: Verdict
  /** How many findings it reports. */
  findings: number
  /** Why the verdict is `unknown`. */
  reason: string | null
}

/** What all checks said of one history. */
export interface RunJudgement {
  verdict: Verdict
  results: CheckResult[]
  findings: Finding[]
  /** A check would know after more rounds of the same run. */
  moreRounds?: true
}

/**
 * Lets every check judge the history, and merges what they say. A run in which nothing completed is never `valid`, even
 * if no check has anything to say against it. Throws `ERR_INTERNAL` when a check itself throws.
 */
export function judgeAll(checks: readonly Check[], history: History): RunJudgement {
  const judgements = checks.map((check) => ({ name: check.name, ...judge(check, history) }))
  const verdicts = judgements.map(({ verdict }) => verdict)
  return {
    verdict: mergeVerdicts(somethingCompleted(history) ? verdicts : [...verdicts, 'unknown']),
    results: judgements.map(({ name, verdict, findings, reason }) => ({
      check: name,
      verdict,
      findings: findings.length,
      reason: verdict === 'unknown' ? (reason ?? nothingCompleted(history)) : null,
    })),
    findings: judgements.flatMap(({ findings }) => findings),
    ...(judgements.some(({ moreRounds }) => moreRounds) ? { moreRounds: true } : {}),
  }
}

/**
 * What was found while the history came about, besides by the checks: a schedule shows more than its record. The findings take
 * the place of the judgement's, and each check's result counts those of its name, also of a check that was not asked for.
 */
export function withFindings({ verdict, results, ...judgement }: RunJudgement, findings: Finding[]): RunJudgement {
  const names = new Set([...results.map(({ check }) => check), ...findings.map(({ check }) => check)])
  return {
    ...judgement,
    verdict: mergeVerdicts(findings.length > 0 ? [verdict, 'invalid'] : [verdict]),
    results: [...names].map((name) => resultOf(name, results, findings)),
    findings,
  }
}

function resultOf(check: string, results: readonly CheckResult[], all: readonly Finding[]): CheckResult {
  const findings = all.filter((finding) => finding.check === check).length
  const own = results.find((result) => result.check === check)
  return findings === 0 && own !== undefined ? own : { check, verdict: 'invalid', findings, reason: null }
}

function judge(check: Check, history: History): Judgement {
  try {
    return check.judge(history)
  } catch (thrown) {
    throw new HarnessError(
      'ERR_INTERNAL',
      `the check '${check.name}' threw instead of giving a judgement: ${messageOf(thrown)}. ` +
        'The history is saved; run the check on it alone to see where.',
      { cause: thrown },
    )
  }
}
