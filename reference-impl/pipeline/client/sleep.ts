import { setTimeout as wait } from 'node:timers/promises'

/** Waits; rejects with an AbortError when the signal ends it. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>

export const sleep: Sleep = (delayMs, signal) => wait(delayMs, undefined, signal ? { signal } : {})
