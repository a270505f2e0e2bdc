import type { Random } from '../random.ts'
import type { Fault } from './fault.ts'

/** When a fault starts and heals, and whom it hits. */
export interface Nemesis {
  readonly fault: Fault
  /** Milliseconds after the storm's begin. */
  readonly fromMs: number
  /** When it heals; at the end of the storm when it is left out. */
  readonly untilMs: number | undefined
  /** The share of the clients whose links it hits, in (0, 1]. */
  readonly share: number
  /** Which process of the target a fault of the process or of its clock hits, of those of the scenario. */
  readonly process: number
}

/**
 * Puts a fault on a share of the clients' links for a part of every storm; also on links that they open while it
 * lasts. A fault of the process hits the target, whatever the share: its first process, where a scenario has several
 * and does not say which. Throws a RangeError for times, shares and places that make no sense.
 */
export function nemesis(
  fault: Fault,
  { fromMs = 0, untilMs, share = 1, process = 0 }: Partial<Omit<Nemesis, 'fault'>> = {},
): Nemesis {
  if (!(share > 0 && share <= 1)) throw new RangeError(`expected share to be in (0, 1], got ${share}`)
  if (!(fromMs >= 0)) throw new RangeError(`expected fromMs to be at least 0, got ${fromMs}`)
  if (untilMs !== undefined && !(untilMs > fromMs)) {
    throw new RangeError(`expected untilMs to be above fromMs (${fromMs}), got ${untilMs}`)
  }
  if (!(Number.isInteger(process) && process >= 0)) {
    throw new RangeError(`expected process to be the place of one, from 0, got ${process}`)
  }
  return { fault, fromMs, untilMs, share, process }
}

/** One fault of a storm, with everything that chance decides drawn. */
export interface PlannedFault {
  /** Its place among the nemeses and its kind, such as `2:stall`: the same whichever others take part. */
  readonly name: string
  readonly fault: Fault
  readonly fromMs: number
  readonly untilMs: number | undefined
  /** The clients whose links it hits; `all` also hits links that no client has claimed. */
  readonly clients: ReadonlySet<string> | 'all'
  /** Which process of the target is hit, by a fault that is not one of a link. */
  readonly process: number
}

/**
 * Draws whom each nemesis hits, before the storm begins: equal seeds plan equal faults, whatever the clients do. At
 * least one client is hit.
 */
export function planFaults(nemeses: readonly Nemesis[], clients: readonly string[], random: Random): PlannedFault[] {
  return nemeses.map(({ fault, fromMs, untilMs, share, process }, index) => {
    const hit = Math.max(1, Math.round(share * clients.length))
    const drawn = share === 1 ? 'all' : new Set(random.fork(index).shuffle(clients).slice(0, hit))
    return { name: `${index + 1}:${fault.name}`, fault, fromMs, untilMs, clients: drawn, process }
  })
}
