import { errors } from 'raceproof/probe'
import { ReentrantLock } from '../sync/reentrant-lock.ts'
import { TableFull } from './encoded-table.ts'
import { frozen, type Json } from './json.ts'
import { type SharedDict, ThreadSafeDict } from './thread-safe-dict.ts'

/** The key of the history under which the number of the latest change is kept. */
const LAST = 'last'

/** One atomic change. */
export interface Change<Value extends Json = Json> {
  /** 1, 2, … in the order in which the changes happened, over all threads. */
  readonly number: number
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number
  /** What was set. */
  readonly values: Readonly<Record<string, Value>>
}

export type ChangeListener<Value extends Json = Json> = (change: Change<Value>) => void

/** An observed dict's memory, to hand to another thread. */
export interface SharedObservedDict {
  readonly state: SharedDict
  readonly history: SharedDict
}

export interface ObservedDictOptions<Value extends Json> {
  name: string
  initial?: Readonly<Record<string, Value>>
  shared?: SharedObservedDict
  /** The lock; one of its own when it is left out. */
  lock?: ReentrantLock
  /** How many of the latest changes are kept, while there is room for them; 100 unless told otherwise. */
  historyLimit?: number
  /** How many bytes the state, and the history, may take. */
  capacityBytes?: number
}

/**
 * A thread-safe dict with a bounded history of its changes, in the order in which they happened, and listeners.
 *
 * State and history share one lock, so that they never disagree. Listeners are called after the lock has been let go,
 * because a listener may take another lock, or wait for somebody who wants this one. They hear of the changes that are
 * made through this object; the changes that other threads make are in the history.
 */
export class ObservedDict<Value extends Json> {
  readonly lock: ReentrantLock
  readonly state: ThreadSafeDict<Value>
  readonly shared: SharedObservedDict
  readonly #history: ThreadSafeDict
  readonly #historyLimit: number
  readonly #listeners = new Set<ChangeListener<Value>>()

  constructor({ name, initial, shared, lock, historyLimit = 100, capacityBytes }: ObservedDictOptions<Value>) {
    this.lock = lock ?? new ReentrantLock({ name, buffer: shared?.state.lock })
    this.state = new ThreadSafeDict({ name, initial, capacityBytes, shared: shared?.state, lock: this.lock })
    const history = { name: `${name} history`, capacityBytes, shared: shared?.history, lock: this.lock }
    this.#history = new ThreadSafeDict(history)
    this.#historyLimit = historyLimit
    this.shared = { state: this.state.shared, history: this.#history.shared }
  }

  /** Sets several values in one step, records the change, and tells the listeners once the lock has been let go. */
  change(values: Readonly<Record<string, Value>>): void {
    this.lock.runSync(() => {
      this.state.update(values)
      const change = this.#record(frozen({ ...values }))
      this.lock.afterRelease(() => this.notify(change))
    })
  }

  /** The latest changes, oldest first. */
  history(): readonly Change<Value>[] {
    const kept = this.#history.values() as unknown as readonly (Change<Value> | number)[]
    const changes = kept.filter((entry) => typeof entry !== 'number')
    return Object.freeze(changes.sort((one, other) => one.number - other.number))
  }

  /** Calls back after every change that is made through this object; returns what ends it. */
  onChange(listener: ChangeListener<Value>): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells the listeners. One that throws neither keeps the others from hearing nor fails the change, which has happened. */
  protected notify(change: Change<Value>): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change)
      } catch (thrown) {
        const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown))
        if (errors.hasSubscribers) errors.publish({ where: `listener of ${this.lock.name}`, message, stack })
      }
    }
  }

  /** Keeps a change in place of the one that is too old, and counts it. */
  #record(values: Readonly<Record<string, Value>>): Change<Value> {
    const number = (this.#history.get(LAST, 0) as number) + 1
    const change = { number, timeMs: Date.now(), values }
    this.#keep(change)
    return change
  }

  /** In one write. The state has changed by now, so where there is no room it is the older changes that have to go. */
  #keep(change: Change<Value>): void {
    const { number, timeMs, values } = change
    try {
      this.#history.update({ [LAST]: number, [number % this.#historyLimit]: { number, timeMs, values } })
    } catch (thrown) {
      if (!(thrown instanceof TableFull)) throw thrown
      if (this.#forgetOlderHalf()) this.#keep(change)
      else this.#history.set(LAST, number)
    }
  }

  /** False when there is nothing to forget. */
  #forgetOlderHalf(): boolean {
    const kept = this.history()
    for (const { number } of kept.slice(0, Math.ceil(kept.length / 2))) {
      this.#history.delete(String(number % this.#historyLimit))
    }
    return kept.length > 0
  }
}
