import { ReentrantLock } from '../sync/reentrant-lock.ts'

/** One lock for each plan id, there for as long as somebody holds it or waits for it. */
export class PlanLocks {
  readonly #entries = new Map<string, { lock: ReentrantLock; users: number }>()

  /** Runs `section` while nobody else runs one for the same id. */
  async run<T>(id: string, section: () => T | Promise<T>): Promise<T> {
    const entry = this.#enter(id)
    try {
      return await entry.lock.run(section, { key: id })
    } finally {
      if (--entry.users === 0) this.#entries.delete(id)
    }
  }

  #enter(id: string): { lock: ReentrantLock; users: number } {
    // No turns are lent: a delete that has waited for its plan's creation comes before the start of its process.
    const entry = this.#entries.get(id) ?? { lock: new ReentrantLock({ name: 'plan', id, lends: 0 }), users: 0 }
    entry.users++
    this.#entries.set(id, entry)
    return entry
  }
}
