import { reportFault } from './report-fault.ts'

/** Something that can release what nobody has used for a while. */
export interface Reapable {
  /** Releases it at once and without waiting, so that nothing found idle can be in use by the time it goes. */
  reap(): void
}

/** Asks its members to release what is idle, again and again, until it is stopped. */
export class IdleReaper {
  protected readonly members: readonly Reapable[]
  #timer: NodeJS.Timeout | null = null

  constructor(members: readonly Reapable[]) {
    this.members = members
  }

  start(everyMs: number): void {
    this.#timer ??= setInterval(() => this.reap(), everyMs).unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  reap(): void {
    for (const member of this.members) {
      try {
        member.reap()
      } catch (thrown) {
        reportFault('idle reaper', thrown)
      }
    }
  }
}
