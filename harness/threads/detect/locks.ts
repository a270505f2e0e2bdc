import type { ThreadFinding } from './finding.ts'
import { areSame, type Holder } from './holder.ts'
import type { Overtaking } from './overtaking.ts'

/** Somebody took a lock while they held another. */
interface Edge {
  readonly by: Holding
  readonly held: string
  readonly taken: string
  /** All that they held then. */
  readonly gates: readonly string[]
}

/** What a holder holds and wants. */
interface Holding {
  readonly holder: Holder
  readonly held: string[]
  wanted: string | null
  /** The first and the last event of it, of all that were told; without end as long as it holds or wants something. */
  readonly since: number
  until: number
}

/**
 * Who holds which lock and who wants which, in one schedule: threads, or the async tasks of a thread, each for itself. Finds
 * cycles of those that wait, and orders of locks that could make such a cycle in another schedule (Havelund, "Using runtime
 * analysis to guide model checking of Java programs", SPIN 2000): all of them different, and no lock held by two of them that
 * keeps them apart.
 */
export class Locks {
  /** A lock that was held by two at once, or let go by one that did not hold it. */
  misuse: ThreadFinding | null = null
  readonly #overtaking: Overtaking | null
  /** Of all that hold or want something, in the order in which they began to. Few at any time, so that they are looked through. */
  readonly #holdings: Holding[] = []
  readonly #edges: Edge[] = []
  #events = 0

  constructor(overtaking: Overtaking | null = null) {
    this.#overtaking = overtaking
  }

  wants(holder: Holder, lock: string): void {
    this.#overtaking?.wants(holder, lock)
    const holding = this.#of(holder)
    holding.wanted = lock
    this.#enter(holding, lock)
  }

  taken(holder: Holder, lock: string): void {
    this.#overtaking?.taken(holder, lock)
    const holding = this.#of(holder)
    const other = this.#holderOf(lock)
    if (other !== undefined && other !== holding) {
      this.#misused('mutual-exclusion', `${told(holding, other)} takes ${lock} while ${told(other, holding)} holds it`)
    }
    if (holding.wanted === lock) holding.wanted = null
    else this.#enter(holding, lock)
    holding.held.push(lock)
  }

  released(holder: Holder, lock: string): void {
    const holding = this.#of(holder)
    const at = holding.held.lastIndexOf(lock)
    if (at >= 0) removeAt(holding.held, at)
    const other = this.#holderOf(lock)
    if (at < 0 && other !== undefined) {
      this.#misused('wrong-release', `${told(holding, other)} releases ${lock}, which ${told(other, holding)} holds`)
    }
    this.#forgetIdle(holding)
  }

  /** It waits no longer. */
  gaveUp(holder: Holder): void {
    this.#overtaking?.gaveUp(holder)
    const holding = this.#of(holder)
    holding.wanted = null
    this.#forgetIdle(holding)
  }

  /** Threads or tasks that wait for each other in a circle; null when there is none. */
  circle(): string | null {
    for (const start of this.#holdings) {
      const seen: Holding[] = []
      for (let next: Holding | undefined = start; next !== undefined; next = this.#holderWantedBy(next)) {
        if (seen.includes(next)) return circleOf(seen.slice(seen.indexOf(next)))
        seen.push(next)
      }
    }
    return null
  }

  /** An order of locks that could hang; null when there is none. */
  inversion(): ThreadFinding | null {
    for (const edge of this.#edges) {
      const circle = this.#close([edge])
      if (circle === null) continue
      const all = circle.map(({ by }) => by.holder)
      const steps = circle.map(
        ({ by, held, taken }) => `${nameAmong(by.holder, all)} takes ${taken} while it holds ${held}`,
      )
      return { kind: 'lock-order', message: `locks are taken in opposite orders: ${steps.join(', ')}` }
    }
    return null
  }

  #close(path: readonly Edge[]): readonly Edge[] | null {
    const last = path[path.length - 1]!
    if (path.length > 1 && last.taken === path[0]!.held) return path
    for (const next of this.#edges) {
      if (next.held !== last.taken || path.some((edge) => !areApart(edge, next))) continue
      const circle = this.#close([...path, next])
      if (circle !== null) return circle
    }
    return null
  }

  #enter(by: Holding, taken: string): void {
    for (const held of by.held) {
      const edge = { by, held, taken, gates: [...by.held] }
      if (held !== taken && !this.#edges.some((other) => isSame(other, edge))) this.#edges.push(edge)
    }
  }

  #holderWantedBy({ wanted }: Holding): Holding | undefined {
    return wanted === null ? undefined : this.#holderOf(wanted)
  }

  #holderOf(lock: string): Holding | undefined {
    for (const holding of this.#holdings) if (holding.held.includes(lock)) return holding
    return undefined
  }

  #misused(kind: 'mutual-exclusion' | 'wrong-release', message: string): void {
    this.misuse ??= { kind, message: `${kind}: ${message}` }
  }

  #of(holder: Holder): Holding {
    const since = ++this.#events
    for (const holding of this.#holdings) if (areSame(holding.holder, holder)) return holding
    const holding = { holder, held: [], wanted: null, since, until: Number.POSITIVE_INFINITY }
    this.#holdings.push(holding)
    return holding
  }

  /** Locks make a new owner for each section, so that a thread has many holders one after the other. */
  #forgetIdle(holding: Holding): void {
    if (holding.held.length > 0 || holding.wanted !== null) return
    holding.until = this.#events
    removeAt(this.#holdings, this.#holdings.indexOf(holding))
  }
}

/** A loop, since `splice` makes an array of what it takes out, and locks are let go all the time. */
function removeAt(list: unknown[], at: number): void {
  for (let next = at + 1; next < list.length; next++) list[next - 1] = list[next]
  list.pop()
}

function told({ holder }: Holding, other: Holding): string {
  return nameAmong(holder, [holder, other.holder])
}

function circleOf(circle: readonly Holding[]): string {
  const all = circle.map(({ holder }) => holder)
  const one = ({ holder, held, wanted }: Holding) =>
    `${nameAmong(holder, all)} holds ${held.join(' and ') || 'nothing'} and waits for ${wanted}`
  return circle.map(one).join(', ')
}

/** A holder in words: its thread is enough, unless it is about more than one task of it. */
function nameAmong(holder: Holder, all: readonly Holder[]): string {
  const { thread, task } = holder
  const isAlone = all.every((other) => other.thread !== thread || areSame(other, holder))
  return isAlone || task === undefined ? `thread ${thread}` : `task ${task} of thread ${thread}`
}

/** Whether two can be at these places at the same time. */
function areApart(one: Edge, other: Edge): boolean {
  return areAtOnce(one.by, other.by) && !one.gates.some((gate) => other.gates.includes(gate))
}

/** What one thread does at different times are either two of its tasks, or one after the other: only the former can meet. */
function areAtOnce(one: Holding, other: Holding): boolean {
  if (one.holder.thread !== other.holder.thread) return true
  return !areSame(one.holder, other.holder) && one.since < other.until && other.since < one.until
}

function isSame(one: Edge, other: Edge): boolean {
  return (
    one.by === other.by &&
    one.held === other.held &&
    one.taken === other.taken &&
    one.gates.join() === other.gates.join()
  )
}
