import type { History, ProbeEvent, TargetEvent } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import { processOf, resourceEvents, transitionEvents } from './probes.ts'

/** A time during which a thing certainly was open, or in a state: in one process of the target. */
export interface Stay {
  id: string
  begun: ProbeEvent
  fromMs: number
  /** Infinite for what never ended. */
  untilMs: number
}

/** Times are recorded in thousandths of a millisecond: what seems to overlap by less may have come one after the other. */
const toleranceMs = 0.002

/** When the resources of a kind were open, by process: from `open` to `close`, or to the exit of their process. */
export function openStays(history: History, resource: string): Stay[][] {
  const stays = new StaysByProcess(history)
  for (const event of resourceEvents(history)) {
    if (event.resource !== resource) continue
    // Threads number their things each for themselves.
    const key = `${event.source.process} ${event.id}`
    if (event.event === 'open') stays.begin(key, event.id, event.source)
    else stays.end(key, event.source)
  }
  return stays.ended()
}

/** When the things of a machine were in one of these states, by process. */
export function stateStays(history: History, machine: string, states: readonly string[]): Stay[][] {
  const stays = new StaysByProcess(history)
  for (const { source, machine: of, id, to } of transitionEvents(history)) {
    if (of !== machine) continue
    const key = `${processOf(source)} ${id}`
    if (states.includes(to)) stays.begin(key, id, source)
    else stays.end(key, source)
  }
  return stays.ended()
}

class StaysByProcess {
  readonly #exits: TargetEvent[]
  readonly #open = new Map<string, Stay>()
  readonly #all = new DefaultMap<string, Stay[]>(() => [])

  constructor(history: History) {
    this.#exits = history.filter((event) => event.type === 'target').filter(({ event }) => event === 'exited')
  }

  /** A thing that goes from one of the states to another stays where it is. */
  begin(key: string, id: string, begun: ProbeEvent): void {
    if (this.#open.has(key)) return
    const stay = { id, begun, fromMs: begun.timeMs, untilMs: Number.POSITIVE_INFINITY }
    this.#open.set(key, stay)
    this.#all.of(processOf(begun)).push(stay)
  }

  end(key: string, { timeMs }: ProbeEvent): void {
    const stay = this.#open.get(key)
    if (stay === undefined) return
    stay.untilMs = timeMs
    this.#open.delete(key)
  }

  ended(): Stay[][] {
    for (const { process, timeMs } of this.#exits) {
      for (const stay of this.#all.get(process) ?? []) {
        if (stay.fromMs <= timeMs) stay.untilMs = Math.min(stay.untilMs, timeMs)
      }
    }
    return [...this.#all.values()]
  }
}

/** The stays that went on at the first moment at which there were more than `limit`; null when there never were. */
export function crowdBeyond(stays: readonly Stay[], limit: number): Stay[] | null {
  const open = new Set<Stay>()
  for (const { stay, begins } of marksOf(stays)) {
    if (begins) open.add(stay)
    else open.delete(stay)
    if (open.size > limit) return [...open]
  }
  return null
}

/** The most stays that went on at one moment. */
export function mostAtOnce(stays: readonly Stay[]): number {
  let open = 0
  let most = 0
  for (const { begins } of marksOf(stays)) {
    open += begins ? 1 : -1
    most = Math.max(most, open)
  }
  return most
}

/** Begins and ends in order of time; of one moment, ends come first. */
function marksOf(stays: readonly Stay[]): { stay: Stay; begins: boolean; atMs: number }[] {
  const marks = stays.flatMap((stay) => [
    { stay, begins: true, atMs: stay.fromMs },
    // A stay that is shorter than the tolerance ends when it begins, not before.
    { stay, begins: false, atMs: Math.max(stay.fromMs, stay.untilMs - toleranceMs) },
  ])
  return marks.sort((one, other) => {
    if (one.atMs !== other.atMs) return one.atMs < other.atMs ? -1 : 1
    if (one.stay === other.stay) return one.begins ? -1 : 1
    return Number(one.begins) - Number(other.begins)
  })
}
