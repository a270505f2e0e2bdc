import { randomUUID } from 'node:crypto'
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LockProbe, locks, resources } from 'raceproof/probe'
import type { Processes } from './process-table.ts'
import { Refusal } from './refusal.ts'

/** What is written in a lock file. */
export interface LockHolder {
  /** The process that holds it, by its name in {@link Processes}. */
  process: string
  /** Names this one acquisition; no two are ever equal. */
  token: string
}

/** One task's way to a lock. */
export interface Attempt {
  readonly mine: LockHolder
  /** The file that is linked to what the task takes. */
  readonly claim: string
  /** Everything that the task has to remove when it leaves, the lock itself when it got it. */
  readonly files: string[]
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
 * path exists, so that one of several wins, and no reader ever sees a lock file that is only half written. A task has
 * left when all of its files are gone, so that the next one of its process finds the lock free.
 *
 * Taking over is where such locks go wrong: two waiters find the lock stale, the first replaces it, and the second
 * then replaces the first one's. Here the right to replace the acquisition T is itself a lock, `<path>.takeover-T`,
 * and whoever gets it looks again whether T still holds. That lock may go stale too, and is taken over the same way.
 *
 *     lock file:     T (dead) ─────────────── rename ──▶ mine ── remove
 *     takeover-T:               link ─ look again ─┘            └ remove
 *
 * T never holds again, so that nobody wants `<path>.takeover-T` once T was replaced. A living holder is never robbed,
 * however long it takes. What a killed process may leave behind, its claim or such a right, means nothing to anybody.
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

  /** Runs the section while this process holds the lock. Throws a {@link Refusal} when a living process keeps it past the time-out. */
  async run<T>(section: () => Promise<T>): Promise<T> {
    const mine = { process: this.#processes.self, token: randomUUID() }
    const claim = this.#claimOf(mine)
    const attempt = { mine, claim, files: [claim] }
    try {
      await this.#acquire(attempt)
      return await this.#hold(mine, section)
    } finally {
      await removeAll(attempt.files)
    }
  }

  async #acquire(attempt: Attempt): Promise<void> {
    const { mine, claim, files } = attempt
    const startMs = performance.now()
    await writeFile(claim, JSON.stringify(mine))
    const waited = await this.#poll(attempt)
    // Nobody takes over from a living process, so that it stays ours.
    files.push(this.#path)
    this.#publishAcquired(mine, waited ? performance.now() - startMs : 0)
  }

  async #hold<T>(mine: LockHolder, section: () => Promise<T>): Promise<T> {
    const acquiredMs = performance.now()
    try {
      return await section()
    } finally {
      this.#publishReleased(mine, performance.now() - acquiredMs)
    }
  }

  /** Tries until it succeeds, and tells whether it had to wait. */
  async #poll(attempt: Attempt): Promise<boolean> {
    const deadlineMs = performance.now() + this.#timeoutMs
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
      if (await this.tryAcquire(this.#path, attempt)) return delayMs > firstDelayMs
      if (performance.now() > deadlineMs) {
        this.#publish('abandoned', attempt.mine)
        throw await this.#timedOut()
      }
      if (delayMs === firstDelayMs) this.#publish('waiting', attempt.mine)
      await sleep(delayMs)
    }
  }

  /** Takes the lock at `path` if nobody has it or its holder is dead. */
  protected async tryAcquire(path: string, attempt: Attempt): Promise<boolean> {
    if (await linked(attempt.claim, path)) return true
    const holder = await holderOf(path)
    return holder !== null && this.isStale(holder) && (await this.takeOver(path, attempt, holder))
  }

  protected isStale(holder: LockHolder): boolean {
    return !this.#processes.isAlive(holder.process)
  }

  /** Replaces the lock of a dead holder by ours, unless somebody else is at it or has done so. */
  protected async takeOver(path: string, attempt: Attempt, stale: LockHolder): Promise<boolean> {
    const right = `${path}.takeover-${stale.token}`
    if (!(await this.tryAcquire(right, attempt))) return false
    attempt.files.push(right)
    const holder = await holderOf(path)
    if (holder?.token !== stale.token) return false
    await this.replace(path, attempt)
    attempt.files.push(this.#claimOf(stale))
    return true
  }

  /** Makes the lock at `path` ours, whoever has it. */
  protected async replace(path: string, { claim }: Attempt): Promise<void> {
    // The claim itself may be needed again, so a second link to it is what is moved.
    await link(claim, `${claim}.moving`)
    await rename(`${claim}.moving`, path)
  }

  #claimOf({ token }: LockHolder): string {
    return `${this.#path}.claim-${token}`
  }

  async #timedOut(): Promise<Refusal> {
    const holder = await holderOf(this.#path)
    return new Refusal(
      'busy',
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

/** Removes files, of which some may be gone already. */
async function removeAll(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map(remove))
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
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
