import type { ProbeEvent } from '../../history/event.ts'

/** Keeps the books of what the target says that it opens and closes. */
export class ResourceLedger {
  /** Open minus closed by kind, then by process and id. A close may be told before its open, by another thread. */
  readonly #open = new Map<string, Map<string, { process: string; id: string; count: number }>>()

  note({ topic, process, value }: ProbeEvent): void {
    if (topic !== 'resource') return
    const { event, resource, id } = value as { event: string; resource: string; id: string }
    const kind = this.#open.get(resource) ?? new Map()
    this.#open.set(resource, kind)
    const key = `${process}/${id}`
    const count = (kind.get(key)?.count ?? 0) + (event === 'open' ? 1 : -1)
    if (count === 0) kind.delete(key)
    else kind.set(key, { process, id, count })
  }

  /** Forgets what a process had open, which ended with it. */
  drop(process: string): void {
    for (const kind of this.#open.values()) {
      for (const [key, entry] of kind) {
        if (entry.process === process || entry.process.startsWith(`${process}/`)) kind.delete(key)
      }
    }
  }

  /** How much is open, by `resource:<kind>`; every kind that was ever told is listed. */
  counts(): Record<string, number> {
    return Object.fromEntries(
      [...this.#open].map(([kind, entries]) => [
        `resource:${kind}`,
        [...entries.values()].reduce((sum, { count }) => sum + count, 0),
      ]),
    )
  }

  /** `stream p1#7` for each thing that is open. */
  items(): string[] {
    return [...this.#open].flatMap(([kind, entries]) =>
      [...entries.values()].filter(({ count }) => count > 0).map(({ id }) => `${kind} ${id}`),
    )
  }
}
