import { ReentrantLock } from '../sync/reentrant-lock.ts'
import { EncodedTable } from './encoded-table.ts'
import { frozen, type Json } from './json.ts'

/** A dict's memory, to hand to another thread, which makes its own dict of it. */
export interface SharedDict {
  readonly lock: SharedArrayBuffer
  readonly values: SharedArrayBuffer
}

export interface ThreadSafeDictOptions<Value extends Json> {
  /** The name of the dict and of its lock, in errors and probes. */
  name: string
  /** What it holds in the beginning; of no effect on a shared one. */
  initial?: Readonly<Record<string, Value>>
  /** How many bytes the encoded values may take; 1 MiB unless told otherwise. */
  capacityBytes?: number
  /** The memory of a dict made before, in this thread or another. */
  shared?: SharedDict
  /** The lock, for what must change together with another dict; one of its own when it is left out. */
  lock?: ReentrantLock
}

/** How often a dict was used, by all threads. */
export interface DictCounts {
  reads: number
  writes: number
  /** How often somebody had to wait for the lock. */
  waits: number
}

/**
 * A dictionary that worker threads and event loops share. Values live encoded in shared memory, under a re-entrant lock;
 * what comes out is a frozen copy.
 *
 * Every operation is atomic, takes the lock itself and is synchronous. A worker thread just calls it. An event loop,
 * which must not block, takes the lock with {@link run} first; the operations inside enter it again:
 *
 *     await dict.run(() => dict.get('qsfp_service'))
 *
 * The same makes several operations one atomic step, in either kind of thread.
 */
export class ThreadSafeDict<Value extends Json = Json> {
  readonly lock: ReentrantLock
  readonly shared: SharedDict
  protected readonly table: EncodedTable

  constructor({ name, initial, capacityBytes = 2 ** 20, shared, lock }: ThreadSafeDictOptions<Value>) {
    this.lock = lock ?? new ReentrantLock({ name, buffer: shared?.lock })
    this.table = new EncodedTable(name, capacityBytes, shared?.values)
    this.shared = { lock: this.lock.buffer, values: this.table.buffer }
    if (initial !== undefined && shared === undefined) this.table.setAll(Object.entries(initial))
  }

  /** Runs a section while nobody else uses the dict, without blocking the thread. */
  run<T>(section: () => T | Promise<T>): Promise<T> {
    return this.lock.run(section)
  }

  /** The value of a key as a frozen copy; the fallback when there is none. */
  get(key: string): Value | undefined
  get(key: string, fallback: Value): Value
  get(key: string, fallback?: Value): Value | undefined {
    return this.reading(() => (this.table.has(key) ? this.copyOf(key) : fallback))
  }

  set(key: string, value: Value): void {
    this.writing(() => this.table.set(key, value))
  }

  /**
   * Sets several values at once: nobody sees some of them without the others. Given a function, it computes them from a
   * copy of what is there, and nobody changes anything in between.
   */
  update(
    changes: Readonly<Record<string, Value>> | ((now: Readonly<Record<string, Value>>) => Record<string, Value>),
  ): void {
    this.writing(() =>
      this.table.setAll(Object.entries(typeof changes === 'function' ? changes(this.copy()) : changes)),
    )
  }

  /** Removes a key; false when it is not there. */
  delete(key: string): boolean {
    return this.writing(() => this.table.delete(key))
  }

  has(key: string): boolean {
    return this.reading(() => this.table.has(key))
  }

  get size(): number {
    return this.reading(() => this.table.size)
  }

  /** The keys in the order in which they were first set. */
  keys(): readonly string[] {
    return this.reading(() => Object.freeze(this.table.keys()))
  }

  values(): readonly Value[] {
    return this.reading(() => Object.freeze(this.table.keys().map((key) => this.copyOf(key) as Value)))
  }

  items(): readonly (readonly [key: string, value: Value])[] {
    return this.reading(() => frozen(this.table.keys().map((key) => [key, this.copyOf(key) as Value] as const)))
  }

  /** Everything as one frozen object. */
  copy(): Readonly<Record<string, Value>> {
    return this.reading(() =>
      Object.freeze(Object.fromEntries(this.table.keys().map((key) => [key, this.copyOf(key) as Value]))),
    )
  }

  clear(): void {
    this.writing(() => this.table.clear())
  }

  /** How often it was used so far, by all threads. */
  get counts(): Readonly<DictCounts> {
    return this.lock.runSync(() => ({ reads: this.table.reads, writes: this.table.writes, waits: this.lock.waits }))
  }

  /** A decoded, frozen copy of a value; under the lock. */
  protected copyOf(key: string): Value | undefined {
    return frozen(this.table.get(key)) as Value | undefined
  }

  /** One operation that only reads. */
  protected reading<T>(operation: () => T): T {
    return this.lock.runSync(() => {
      this.table.countRead()
      return operation()
    })
  }

  /** One operation that writes. */
  protected writing<T>(operation: () => T): T {
    return this.lock.runSync(() => {
      this.table.countWrite()
      return operation()
    })
  }
}
