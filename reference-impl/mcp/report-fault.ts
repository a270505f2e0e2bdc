import { errors } from 'raceproof/probe'

/** Publishes an error that no caller can be told of, or that is not the caller's doing. */
export function reportFault(where: string, thrown: unknown): void {
  if (!errors.hasSubscribers) return
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  errors.publish({ where, message: error.message, stack: error.stack })
}
