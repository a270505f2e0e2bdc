import type { ThreadFinding } from './finding.ts'
import type { Overtaking } from './overtaking.ts'

/** A thread took a lock while it held another. */
interface Edge {
  readonly thread: number
  readonly held: string
  readonly taken: string
  /** All that it held then. */
  readonly gates: readonly string[]
}

/**
 * Who holds which lock and who wants which, in one schedule. Finds cycles of waiting threads, and orders of locks that
 * could make such a cycle in another schedule (Havelund, "Using runtime analysis to guide model checking of Java
 * programs", SPIN 2000): threads all different, and no lock held by two of them that keeps them apart.
 */
export class Locks {
  /** A lock that was held by two threads, or let go by one that did not hold it. */
  misuse: ThreadFinding | null = null
  readonly #overtaking: Overtaking | null
  readonly #held: string[][] = []
  readonly #wanted = new Map<number, string>()
  readonly #edges: Edge[] = []

  constructor(overtaking: Overtaking | null = null) {
    this.#overtaking = overtaking
  }

  wants(thread: number, lock: string): void {
    this.#overtaking?.wants(thread, lock)
    this.#wanted.set(thread, lock)
    this.#enter(thread, lock)
  }

  taken(thread: number, lock: string): void {
    this.#overtaking?.taken(thread, lock)
    const holder = this.#holderOf(lock)
    if (holder !== undefined && holder !== thread) {
      this.#misused('mutual-exclusion', `thread ${thread} takes ${lock} while thread ${holder} holds it`)
    }
    if (this.#wanted.get(thread) === lock) this.#wanted.delete(thread)
    else this.#enter(thread, lock)
    this.#heldBy(thread).push(lock)
  }

  released(thread: number, lock: string): void {
    const held = this.#heldBy(thread)
    const at = held.lastIndexOf(lock)
    if (at >= 0) held.splice(at, 1)
    const holder = this.#holderOf(lock)
    if (at < 0 && holder !== undefined) {
      this.#misused('wrong-release', `thread ${thread} releases ${lock}, which thread ${holder} holds`)
    }
  }

  /** Threads that wait for each other in a circle; null when there is none. */
  circle(): string | null {
    for (const start of this.#wanted.keys()) {
      const seen: number[] = []
      for (let thread: number | undefined = start; thread !== undefined; thread = this.#holderWantedBy(thread)) {
        if (seen.includes(thread)) return this.#told(seen.slice(seen.indexOf(thread)))
        seen.push(thread)
      }
    }
    return null
  }

  /** An order of locks that could hang; null when there is none. */
  inversion(): ThreadFinding | null {
    for (const edge of this.#edges) {
      const circle = this.#close([edge])
      if (circle === null) continue
      const told = circle.map(({ thread, held, taken }) => `thread ${thread} takes ${taken} while it holds ${held}`)
      return { kind: 'lock-order', message: `locks are taken in opposite orders: ${told.join(', ')}` }
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

  #enter(thread: number, taken: string): void {
    const gates = [...this.#heldBy(thread)]
    for (const held of gates) {
      if (held !== taken && !this.#edges.some((edge) => isSame(edge, { thread, held, taken, gates }))) {
        this.#edges.push({ thread, held, taken, gates })
      }
    }
  }

  #holderWantedBy(thread: number): number | undefined {
    const lock = this.#wanted.get(thread)
    return lock === undefined ? undefined : this.#holderOf(lock)
  }

  #holderOf(lock: string): number | undefined {
    const holder = this.#held.findIndex((held) => held?.includes(lock))
    return holder < 0 ? undefined : holder
  }

  #misused(kind: 'mutual-exclusion' | 'wrong-release', message: string): void {
    this.misuse ??= { kind, message: `${kind}: ${message}` }
  }

  #told(circle: readonly number[]): string {
    const one = (thread: number) =>
      `thread ${thread} holds ${this.#heldBy(thread).join(' and ') || 'nothing'} and waits for ${this.#wanted.get(thread)}`
    return circle.map(one).join(', ')
  }

  #heldBy(thread: number): string[] {
    this.#held[thread] ??= []
    return this.#held[thread]
  }
}

/** Whether two threads can be at these places at the same time. */
function areApart(one: Edge, other: Edge): boolean {
  return one.thread !== other.thread && !one.gates.some((gate) => other.gates.includes(gate))
}

function isSame(one: Edge, other: Edge): boolean {
  return (
    one.thread === other.thread &&
    one.held === other.held &&
    one.taken === other.taken &&
    one.gates.join() === other.gates.join()
  )
}
