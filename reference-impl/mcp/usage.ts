/** Since when a thing is idle, and how many use it now. */
interface Use {
  users: number
  lastUsedMs: number
}

/** Keeps count of who uses what, so that only things which nobody uses are ever called idle. */
export class Usage {
  readonly #now: () => number
  readonly #uses = new Map<string, Use>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Something uses it; the caller says {@link end} when it no longer does. */
  begin(id: string): void {
    const use = this.#uses.get(id) ?? { users: 0, lastUsedMs: 0 }
    use.users++
    this.#uses.set(id, use)
  }

  end(id: string): void {
    const use = this.#uses.get(id)
    if (use === undefined) return
    use.users--
    use.lastUsedMs = this.#now()
  }

  /** It was used just now. */
  touch(id: string): void {
    this.begin(id)
    this.end(id)
  }

  /** Runs the section as a user. */
  async during<T>(id: string, section: () => Promise<T>): Promise<T> {
    this.begin(id)
    try {
      return await section()
    } finally {
      this.end(id)
    }
  }

  /** It is gone. */
  forget(id: string): void {
    this.#uses.delete(id)
  }

  /** What nobody has used for that long. */
  idleFor(idleMs: number): string[] {
    const limitMs = this.#now() - idleMs
    return [...this.#uses].filter(([, use]) => use.users === 0 && use.lastUsedMs <= limitMs).map(([id]) => id)
  }
}
