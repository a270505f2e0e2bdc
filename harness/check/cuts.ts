import type { History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'

/** Faults by which a connection, or the target itself, can end. Mere latency is no excuse for a lost connection. */
const ending = /^(reset|half-open|stall|slow-reader|kill)/

interface Cut {
  fault: string
  fromMs: number
  untilMs: number
}

/** Tells whether a fault may have ended a client's connection at some moment between two times. */
export type CutBetween = (client: string, fromMs: number, untilMs: number) => boolean

/** Collects the faults of a history that end connections. A fault that is never healed lasts until the end. */
export function cutsOf(history: History): CutBetween {
  const cuts = new DefaultMap<string, Cut[]>(() => [])
  for (const event of history) {
    if (event.type !== 'fault' || !ending.test(event.fault)) continue
    const { scope, fault, timeMs } = event
    const open = cuts.of(scope).find((cut) => cut.fault === fault && cut.untilMs === Number.POSITIVE_INFINITY)
    if (event.action === 'start') cuts.of(scope).push({ fault, fromMs: timeMs, untilMs: Number.POSITIVE_INFINITY })
    else if (open !== undefined) open.untilMs = timeMs
  }
  return (client, fromMs, untilMs) =>
    ['all', 'target', client].some((scope) =>
      (cuts.get(scope) ?? []).some((cut) => cut.fromMs <= untilMs && cut.untilMs >= fromMs),
    )
}
