import type { History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'

/** Faults by which a connection, or the target itself, can end. Mere latency is no excuse for a lost connection. */
const ending = /^(reset|half-open|stall|slow-reader|kill)/

/** A target that is asked to stop has the time to tell those who are connected; it need not let anybody else in. */
const asksToStop = /^kill SIGTERM/

interface Cut {
  fault: string
  fromMs: number
  untilMs: number
}

/** Tells whether a fault may have ended a client's connection that began at one time, at some moment up to another. */
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
    ['all', 'target', client].some((scope) => (cuts.get(scope) ?? []).some((cut) => mayHaveEnded(cut, fromMs, untilMs)))
}

function mayHaveEnded(cut: Cut, fromMs: number, untilMs: number): boolean {
  const lastMs = asksToStop.test(cut.fault) ? fromMs : untilMs
  return cut.fromMs <= lastMs && cut.untilMs >= fromMs
}
