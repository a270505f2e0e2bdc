import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LockProbe, locks, resources } from 'raceproof/probe'
import type { Processes } from './process-table.ts'

/** What is written in a lock file. */
export interface LockHolder {
  /** The process that holds it, by its name in {@link Processes}. */
  process: string
  /** Names this one acquisition; no two are ever equal. */
  token: string
}

export interface LockFileOptions {
  path: string
  /** The name under which reports show it. */
  name: string
  processes: Processes
  /** How long a caller waits for a living holder before it gives up, in milliseconds. */
  timeoutMs?: number
}

const firstDelayMs = 1
const longestDelayMs = 64

/**
 * Mutual exclusion among the processes of one machine, by a file that exists while somebody holds it. The lock of a
 * process that died is taken over by exactly one of those that wait.
 *
 * A claim file with the holder's name is written first and then hard-linked to the lock's path. Linking fails when the
 * path exists, so that one of several wins, and no reader ever sees a lock file that is only half written.
 *
 * Taking over is where such locks go wrong: two waiters find the lock stale, the first replaces it, and the second
 * then replaces the first one's. Here the right to replace the acquisition T is itself a lock, `<path>.takeover-T`,
 * and whoever gets it looks again whether T still holds. That lock may go stale too, and is taken over the same way.
 *
 *     lock file:     T (dead) ─────────────── rename ──▶ mine
 *     takeover-T:               link ─ look again ─┘  └─ remove
 *
 * A living holder is never robbed, however long it takes. What a killed process may leave behind is a claim file, which
 * means nothing to anybody.
 */
export class LockFile {
  readonly #path: string
  readonly #name: string
  readonly #processes: Processes
  readonly #timeoutMs: number

  constructor({ path, name, processes, timeoutMs = 10_000 }: LockFileOptions) {
    this.#path = path
    this.#name = name
    this.#processes = processes
    this.#timeoutMs = timeoutMs
  }

  /** Runs the section while this process holds the lock. Throws when a living process keeps it past the time-out. */
  async run<T>(section: () => Promise<T>): Promise<T> {
    const mine = { process: this.#processes.self, token: randomUUID() }
    await this.#acquire(mine)
    const acquiredMs = performance.now()
    try {
      return await section()
    } finally {
      this.#publishReleased(mine, performance.now() - acquiredMs)
      // Nobody takes over from a living process, so the file is still ours.
      await unlink(this.#path)
    }
  }

  async #acquire(mine: LockHolder): Promise<void> {
    const claim = `${this.#path}.claim-${mine.token}`
    const startMs = performance.now()
    await writeFile(claim, JSON.stringify(mine))
    try {
      const waited = await this.#poll(claim, mine)
      this.#publishAcquired(mine, waited ? performance.now() - startMs : 0)
    } finally {
      await unlink(claim)
    }
  }

  /** Tries until it succeeds, and tells whether it had to wait. */
  async #poll(claim: string, mine: LockHolder): Promise<boolean> {
    const deadlineMs = performance.now() + this.#timeoutMs
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
      if (await this.tryAcquire(this.#path, claim)) return delayMs > firstDelayMs
      if (performance.now() > deadlineMs) {
        this.#publish('abandoned', mine)
        throw await this.#timedOut()
      }
      if (delayMs === firstDelayMs) this.#publish('waiting', mine)
      await sleep(delayMs)
    }
  }

  /** Takes the lock at `path` if nobody has it or its holder is dead. */
  protected async tryAcquire(path: string, claim: string): Promise<boolean> {
    if (await linked(claim, path)) return true
    const holder = await holderOf(path)
    return holder !== null && this.isStale(holder) && (await this.takeOver(path, claim, holder))
  }

  protected isStale(holder: LockHolder): boolean {
    return !this.#processes.isAlive(holder.process)
  }

  /** Replaces the lock of a dead holder by ours, unless somebody else is at it or has done so. */
  protected async takeOver(path: string, claim: string, stale: LockHolder): Promise<boolean> {
    const right = `${path}.takeover-${stale.token}`
    if (!(await this.tryAcquire(right, claim))) return false
    try {
      const holder = await holderOf(path)
      if (holder?.token !== stale.token) return false
      await this.replace(path, claim)
      return true
    } finally {
      await unlink(right)
    }
  }

  /** Makes the lock at `path` ours, whoever has it. */
  protected async replace(path: string, claim: string): Promise<void> {
    // The claim itself may be needed again, so a second link to it is what is moved.
    await link(claim, `${claim}.moving`)
    await rename(`${claim}.moving`, path)
  }

  async #timedOut(): Promise<Error> {
    const holder = await holderOf(this.#path)
    return new Error(
      `waited ${this.#timeoutMs} ms for ${this.#path}, which process ${holder?.process ?? '(gone by now)'} holds. ` +
        'If that process hangs, end it: the lock is then taken over.',
    )
  }

  #publishAcquired(mine: LockHolder, waitMs: number): void {
    this.#publish('acquired', mine, { waitMs })
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'file-lock', id: mine.token })
  }

  #publishReleased(mine: LockHolder, holdMs: number): void {
    this.#publish('released', mine, { holdMs })
    if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'file-lock', id: mine.token })
  }

  #publish(event: LockProbe['event'], { token }: LockHolder, more: Partial<LockProbe> = {}): void {
    if (!locks.hasSubscribers) return
    locks.publish({ event, lock: this.#name, id: this.#path, shared: true, owner: token, ...more })
  }
}

/** Links `from` to `to`; false when `to` exists. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function holderOf(path: string): Promise<LockHolder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockHolder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
