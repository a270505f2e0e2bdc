import type { Verdict } from '../check/verdict.ts'
import { answerText, checkHistory } from './check-history.ts'

const exitCodes: Record<Verdict, number> = { valid: 0, invalid: 1, unknown: 2 }

/** What `raceproof check HISTORY --model NAME` is asked for. */
export interface CheckRequest {
  /** The history's file. */
  path: string
  /** The name of a ready model, such as `cas-register` or `semaphore:4`. */
  model: string
  /** Print one JSON document instead of text. */
  json: boolean
}

/** What the command prints on standard output, and the exit code it ends with. */
export interface CheckReply {
  text: string
  exitCode: number
}

/**
 * `raceproof check`: judges a saved or foreign history against a ready model. The exit code is that of the verdict: 0
 * valid, 1 invalid, 2 unknown. Throws what {@link checkHistory} throws, `ERR_UNKNOWN_NAME` and `ERR_RECORD_INVALID`; as
 * nothing was judged then, that is exit code 3.
 */
export async function checkCommand({ path, model, json }: CheckRequest): Promise<CheckReply> {
  const answer = await checkHistory(path, model)
  return { text: json ? JSON.stringify(answer, null, 2) : answerText(answer), exitCode: exitCodes[answer.verdict] }
}
