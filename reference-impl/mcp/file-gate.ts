import { ReentrantLock } from '../sync/reentrant-lock.ts'
import type { LockFile } from './lock-file.ts'

/** A path in use: its queue within this process, and how many are in it. */
interface Turnstile {
  queue: ReentrantLock
  users: number
}

/**
 * Lets through one change of a file at a time: among the tasks of this process by a fair lock, and among the processes
 * of the machine by a lock file beside the file. Whoever changes another file never waits here.
 *
 * The fair lock comes first, so that only one task of a process polls a lock file.
 */
export class FileGate {
  readonly #name: string
  readonly #lockFileOf: (path: string) => LockFile
  /** Paths that somebody changes or waits to change; an unused path is forgotten. */
  readonly #turnstiles = new Map<string, Turnstile>()

  constructor(name: string, lockFileOf: (path: string) => LockFile) {
    this.#name = name
    this.#lockFileOf = lockFileOf
  }

  /** Runs the section alone among all that pass with this path. A section may pass again, for it holds both locks. */
  async run<T>(path: string, section: () => Promise<T>): Promise<T> {
    const turnstile = this.#enter(path)
    const { queue } = turnstile
    try {
      const holdsFile = queue.isHeld
      return await queue.run(() => (holdsFile ? section() : this.#lockFileOf(path).run(section)), { key: path })
    } finally {
      turnstile.users--
      if (turnstile.users === 0) this.#turnstiles.delete(path)
    }
  }

  #enter(path: string): Turnstile {
    const turnstile = this.#turnstiles.get(path) ?? {
      queue: new ReentrantLock({ name: this.#name, id: path }),
      users: 0,
    }
    turnstile.users++
    this.#turnstiles.set(path, turnstile)
    return turnstile
  }
}
