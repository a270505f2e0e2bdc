import { CallAbandoned, CallFailed } from 'raceproof'
import { Refusal } from './client/refusal.ts'

/**
 * What a failed operation means for the history: given up by the harness, refused by the server, never sent because
 * nobody listens there; or, for any other error, nobody knows whether it had an effect.
 */
export function asCallError(error: Error & { code?: unknown }, signal: AbortSignal): Error {
  if (signal.aborted) return new CallAbandoned()
  if (error instanceof Refusal) return new CallFailed(error.message, error.status)
  if (error.code === 'ECONNREFUSED') return new CallFailed(error.message)
  return error
}

/** Waits for what an operation waits for; rejects with CallAbandoned when the harness gives up first. */
export function untilGivenUp<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new CallAbandoned())
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    waiting.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
