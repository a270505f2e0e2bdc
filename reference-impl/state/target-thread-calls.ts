import { CallFailed } from 'raceproof'
import { Refusal } from './refusal.ts'

/** Does what may be declined on purpose: the refusal then is that of a call, which certainly had no effect. */
export async function refusable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    throw thrown instanceof Refusal ? new CallFailed(thrown.message, thrown.status) : thrown
  }
}

/** For callers to whom a refusal is an answer like any other. */
export function unlessRefused(thrown: unknown): void {
  if (!(thrown instanceof CallFailed)) throw thrown
}
