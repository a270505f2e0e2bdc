import { isMainThread, threadId } from 'node:worker_threads'
import { type LockProbe, locks } from 'raceproof/probe'
import { Patience, type WaitOptions } from './patience.ts'
import { Section } from './section.ts'
import { Turnstile } from './turnstile.ts'

export interface ReentrantLockOptions {
  /** All locks of one kind share a name; reports show one row for it. */
  name: string
  /** Tells this lock from others of its name; the same in all threads that share it. The name, when it is left out. */
  id?: string
  /** The memory of a lock made before, in this thread or another. */
  buffer?: SharedArrayBuffer
  /** How many may be in line, a power of two; 1,024 unless told otherwise. */
  places?: number
  /** How often a sleeping waiter's turn may be lent; 1,024 times unless told otherwise, 0 for strict order of arrival. */
  lends?: number
}

export interface LockOptions extends WaitOptions {
  /** What the lock is taken for, such as the key of a cache entry; for probes. */
  key?: string
}

/** Thrown when a lock is used against its rules: waiting where the thread would block itself, or releasing what is not held. */
export class LockMisuse extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LockMisuse'
  }
}

/**
 * The lock of all reference servers. It excludes worker threads and async tasks alike, and is handed on in the order of
 * arrival, more or less ({@link Turnstile}, where the layout of the shared memory is drawn).
 *
 * Its owner is the async context, not the thread: two tasks of one event loop exclude each other. A section may enter
 * again what it already holds; of two tasks forked inside a section, one waits for the other; a task that outlives its
 * section has to take the lock afresh. If a nested section is still running when the outer one ends, the lock is let go
 * when the nested one ends.
 */
export class ReentrantLock extends Turnstile {
  readonly id: string
  /** Some task of this thread holds the lock. */
  protected heldHere = false
  #sections = 0
  /** How many tasks of this thread's event loop are in line. */
  #waitingHere = 0

  constructor({ name, id = name, buffer, places, lends }: ReentrantLockOptions) {
    super({ name, buffer, places, lends })
    this.id = id
  }

  /** Whether the running code holds the lock. */
  get isHeld(): boolean {
    return this.enclosing() !== undefined
  }

  /**
   * Takes the lock, runs the section and lets go, whatever happens. Does not block the thread. Rejects with what the
   * section throws, with a {@link WaitTimeout} after `timeoutMs`, or with the reason of the signal.
   */
  async run<T>(section: () => T | Promise<T>, options?: LockOptions): Promise<T> {
    const outer = this.enclosing()
    if (outer !== undefined) return this.#runNested(outer, section, options)
    const hold = this.tryAcquire(options?.key) ?? (await this.acquire(options))
    return this.execute(hold, section)
  }

  /**
   * The same for a section without awaits. In a worker thread it blocks until the lock is free. It throws
   * {@link LockMisuse} where blocking would be wrong: on the main thread, or when the holder is a task of this very
   * thread, which could then never end.
   */
  runSync<T>(section: () => T, options?: LockOptions): T {
    const outer = this.enclosing()
    const hold = outer === undefined ? this.#holdSync(options) : this.#nestSync(outer, options)
    try {
      return synchronous(hold.contain(section), this.name)
    } finally {
      this.release(hold)
    }
  }

  /** Runs a callback without the lock: now, or as soon as the running code's hold on it has ended. */
  afterRelease(callback: () => void): void {
    const hold = this.enclosing()
    if (hold === undefined) callback()
    else outermost(hold).afterwards(callback)
  }

  /** Takes the lock if nobody holds it or waits for it. The hold must be given back with {@link release}. */
  tryAcquire(key?: string): Section | undefined {
    if (!this.tryEnter()) return undefined
    return this.#taken(new Section(this, undefined, key), 0)
  }

  /** Waits in line for the lock, without blocking the thread. The hold must be given back with {@link release}. */
  async acquire(options: LockOptions = {}): Promise<Section> {
    const hold = new Section(this, undefined, options.key)
    const sinceMs = this.#now()
    this.#waitingHere++
    try {
      await this.enter(this.#patience(options), () => this.#waits(hold))
      return this.#taken(hold, sinceMs)
    } catch (reason) {
      return this.#abandons(hold, reason)
    } finally {
      this.#waitingHere--
    }
  }

  /** Waits in line for the lock, blocking the thread. The hold must be given back with {@link release}. */
  acquireSync(options: LockOptions = {}): Section {
    const hold = new Section(this, undefined, options.key)
    const sinceMs = this.#now()
    try {
      this.enterSync(this.#patience(options), () => this.#waits(hold))
    } catch (reason) {
      this.#abandons(hold, reason)
    }
    return this.#taken(hold, sinceMs)
  }

  /** Ends a hold. Throws {@link LockMisuse} when it is not one of this lock, or has ended already. */
  release(hold: Section): void {
    if (hold.lock !== this || !hold.open) {
      throw new LockMisuse(
        `lock '${this.name}': expected a hold on this lock that has not ended; release each hold once`,
      )
    }
    hold.close()
    this.letGo(hold)
  }

  /** The section of this lock that the running code is in: what it may enter again. */
  protected enclosing(): Section | undefined {
    return Section.of(this)
  }

  /** Runs a section under a hold, and ends the hold whatever happens. */
  protected async execute<T>(hold: Section, section: () => T | Promise<T>): Promise<T> {
    try {
      const result = hold.contain(section)
      // A section without awaits lets go at once, rather than after whatever else the event loop has to do.
      return result instanceof Promise ? await result : result
    } finally {
      this.release(hold)
    }
  }

  /** Passes on what a hold occupied, once neither its code nor anything nested in it is running. */
  protected letGo(hold: Section): void {
    if (hold.open || hold.occupied) return
    if (hold.outer !== undefined) {
      hold.outer.vacate()
      this.letGo(hold.outer)
      return
    }
    this.heldHere = false
    if (hold.enteredMs !== undefined) {
      this.#publish(hold, { event: 'released', holdMs: performance.now() - hold.enteredMs })
    }
    this.leave()
    hold.runAfterwards()
  }

  async #runNested<T>(outer: Section, section: () => T | Promise<T>, options?: LockOptions): Promise<T> {
    const entered = outer.occupy() || (await outer.turn(this.#patience(options)))
    if (!entered) return this.run(section, options)
    return this.execute(new Section(this, outer, options?.key), section)
  }

  #nestSync(outer: Section, options: LockOptions | undefined): Section {
    if (!outer.occupy()) throw new LockMisuse(this.#blocked('a task forked in the same section is inside'))
    return new Section(this, outer, options?.key)
  }

  #holdSync(options: LockOptions | undefined): Section {
    const hold = this.tryAcquire(options?.key)
    if (hold !== undefined) return hold
    if (this.heldHere) throw new LockMisuse(this.#blocked('a task of this thread holds it'))
    if (this.#waitingHere > 0) throw new LockMisuse(this.#blocked('tasks of this thread are in line before'))
    if (isMainThread) throw new LockMisuse(this.#blocked('the main thread must not block'))
    return this.acquireSync(options)
  }

  #blocked(why: string): string {
    return `lock '${this.name}' is taken, and cannot be waited for synchronously: ${why}. Use run() instead of runSync()`
  }

  #patience(options: WaitOptions | undefined): Patience {
    return new Patience(`lock '${this.name}'`, options)
  }

  #taken(hold: Section, sinceMs: number): Section {
    this.heldHere = true
    if (locks.hasSubscribers) {
      hold.enteredMs = performance.now()
      this.#publish(hold, { event: 'acquired', waitMs: sinceMs === 0 ? 0 : hold.enteredMs - sinceMs })
    }
    return hold
  }

  /** The time, in milliseconds; 0 when nobody measures. */
  #now(): number {
    return locks.hasSubscribers ? performance.now() : 0
  }

  /** Says that a caller stands in line: nobody who asks after that may come before it. */
  #waits(hold: Section): void {
    if (locks.hasSubscribers) this.#publish(hold, { event: 'waiting', queue: Math.max(1, this.queue) })
  }

  #abandons(hold: Section, reason: unknown): never {
    if (locks.hasSubscribers) this.#publish(hold, { event: 'abandoned' })
    throw reason
  }

  #publish(hold: Section, message: Pick<LockProbe, 'event' | 'waitMs' | 'holdMs' | 'queue'>): void {
    const { name: lock, id } = this
    const key = hold.key === undefined ? {} : { key: hold.key }
    locks.publish({ lock, id, ...key, owner: this.#ownerOf(hold), ...message })
  }

  /** The id of the async context: its outermost section, named by its lock and numbered there. */
  #ownerOf(hold: Section): string {
    return hold.owner(() => `${threadId}/${this.id}#${++this.#sections}`)
  }
}

/** The hold that took the lock, of which this one is a part. */
function outermost(hold: Section): Section {
  return hold.outer === undefined ? hold : outermost(hold.outer)
}

function synchronous<T>(result: T, name: string): T {
  if (result instanceof Promise) {
    throw new LockMisuse(`lock '${name}': expected a section without awaits in runSync(); use run() for an async one`)
  }
  return result
}
