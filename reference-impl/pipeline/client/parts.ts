import { Backoff } from './backoff.ts'
import { Fallback } from './fallback.ts'
import { Readiness } from './readiness.ts'
import { WatchLoop } from './watch-loop.ts'

/** The classes that a PlanClient is made of, which a caller may replace by subclasses. */
export const clientParts = { Backoff, Fallback, Readiness, WatchLoop }
export type ClientParts = typeof clientParts
