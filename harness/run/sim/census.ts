import type { ResourceLedger } from '../../live/leak-probe/resource-ledger.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import { leftoversOf, type SimLeftover } from '../../sim/leftovers.ts'

/** What is open at one moment, exactly: by kind, and each single thing. */
export interface SimCensus {
  counts: Record<string, number>
  items: string[]
}

/** By what name an audit counts each kind: live ones where there are such, else the kind's plural. */
function countName(kind: SimLeftover['kind']): string {
  if (kind === 'child') return 'childProcesses'
  if (kind === 'port') return 'messagePorts'
  return kind === 'connection' ? 'sockets' : `${kind}s`
}

/** Counts what is meant of all that is held, and what the target has published that it holds. */
export function censusOf(
  simulation: Simulation,
  resources: ResourceLedger,
  isMeant: (held: SimLeftover) => boolean,
): SimCensus {
  const held = leftoversOf(simulation).filter(isMeant)
  const counts: Record<string, number> = {}
  for (const { kind } of held) counts[countName(kind)] = (counts[countName(kind)] ?? 0) + 1
  return {
    counts: { ...counts, ...resources.counts() },
    items: [...held.map((left) => `${countName(left.kind)} ${left.what}${placeOf(left)}`), ...resources.items()],
  }
}

/** Where it was opened, of schedules that are looked at closely. */
function placeOf({ place, openedAtMs }: SimLeftover): string {
  return place === undefined ? '' : `, opened at ${place} after ${openedAtMs} ms`
}

/** What is cut off where the process ends now; a timer that is armed, or a listener that is there, means nothing any more. */
export function isCutOff({ kind }: SimLeftover): boolean {
  return kind !== 'timer' && kind !== 'immediate' && kind !== 'listener'
}

/** The kinds of which there is more than before. */
export function excessOf(census: SimCensus, baseline: SimCensus): string[] {
  return Object.keys(census.counts).filter((kind) => census.counts[kind]! > (baseline.counts[kind] ?? 0))
}
