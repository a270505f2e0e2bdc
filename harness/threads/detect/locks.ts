import type { ThreadFinding } from './finding.ts'

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
  readonly #held: string[][] = []
  readonly #wanted = new Map<number, string>()
  readonly #edges: Edge[] = []

  wants(thread: number, lock: string): void {
    this.#wanted.set(thread, lock)
    this.#enter(thread, lock)
  }

  taken(thread: number, lock: string): void {
    if (this.#wanted.get(thread) === lock) this.#wanted.delete(thread)
    else this.#enter(thread, lock)
    this.#heldBy(thread).push(lock)
  }

  released(thread: number, lock: string): void {
    const held = this.#heldBy(thread)
    const at = held.lastIndexOf(lock)
    if (at >= 0) held.splice(at, 1)
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
    if (lock === undefined) return undefined
    const holder = this.#held.findIndex((held) => held?.includes(lock))
    return holder < 0 ? undefined : holder
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
