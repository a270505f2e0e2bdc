import { AsyncLocalStorage } from 'node:async_hooks'
import type { Patience } from './patience.ts'

/** The section that the running code is in, followed by Node through awaits, timers and callbacks. */
const current = new AsyncLocalStorage<Section>()

interface Extras {
  /** The tasks that wait to be nested in the section. */
  line: ((entered: boolean) => void)[]
  afterwards: (() => void)[]
  owner?: string
  /** When the section was entered, in milliseconds; only when somebody measures. */
  enteredMs?: number
}

/**
 * One holding of a lock, from entering a critical section to leaving it, and the async context that goes with it.
 *
 * Sections form two chains. `#around` leads outwards through the async context, whatever the locks are; `outer` leads to
 * the section of the same lock that this one is nested in. At most one section is nested directly in another at a time,
 * so that two tasks forked inside a section exclude each other; the others wait in its line.
 */
export class Section {
  /** The lock that is held; only compared. */
  readonly lock: object
  readonly outer: Section | undefined
  /** What the lock was taken for. */
  readonly key: string | undefined
  /** The section around it, known once its code runs. */
  #around: Section | undefined
  #entered = false
  #open = true
  #occupied = false
  /** What few sections have; apart, because every acquisition makes a section. */
  #extras: Extras | undefined

  constructor(lock: object, outer?: Section, key?: string) {
    this.lock = lock
    this.outer = outer
    this.key = key
  }

  /**
   * The innermost section that the running code is in. Those that have ended are passed over: a task that outlives
   * its section is not in it any more, and a chain of such tasks must not keep all their sections in memory.
   */
  static current(): Section | undefined {
    return Section.#openAt(current.getStore())
  }

  /** The section itself, or the innermost around it that has not ended. */
  static #openAt(section: Section | undefined): Section | undefined {
    let open = section
    while (open !== undefined && !open.#open) open = open.#around
    return open
  }

  /** The innermost section of a lock that the running code is in. */
  static of(lock: object): Section | undefined {
    let section = current.getStore()
    while (section !== undefined && !(section.lock === lock && section.#open)) section = section.#around
    return section
  }

  /** Runs code, and all that it starts, in this section. */
  contain<T>(code: () => T): T {
    this.#around = Section.current()
    this.#entered = true
    return current.run(this, code)
  }

  /** False as soon as its code has ended: nothing may be nested in it any more. */
  get open(): boolean {
    return this.#open
  }

  /** Something is nested in it right now. */
  get occupied(): boolean {
    return this.#occupied
  }

  /**
   * The id of the async context, which is what owns a lock: that of its outermost section. It is made when it is first
   * asked for: where the lock is taken, or inside, when nobody listened before.
   */
  owner(makeId: () => string): string {
    const extras = this.#withExtras()
    const around = this.#entered ? Section.#openAt(this.#around) : Section.current()
    extras.owner ??= around?.owner(makeId) ?? makeId()
    return extras.owner
  }

  /** When it was entered, in milliseconds; undefined when nobody measures. */
  get enteredMs(): number | undefined {
    return this.#extras?.enteredMs
  }

  set enteredMs(timeMs: number) {
    this.#withExtras().enteredMs = timeMs
  }

  /** Lets one section in, if none is inside. */
  occupy(): boolean {
    if (this.#occupied) return false
    this.#occupied = true
    return true
  }

  /** Waits for the turn to be inside. False when this section ends first: nobody may come in any more. */
  turn(patience: Patience): Promise<boolean> {
    const extras = this.#withExtras()
    return new Promise((resolve, reject) => {
      const stopWaiting = patience.onEnd(() => {
        extras.line = extras.line.filter((other) => other !== come)
        reject(patience.reason())
      })
      const come = (entered: boolean): void => {
        stopWaiting()
        resolve(entered)
      }
      extras.line.push(come)
    })
  }

  /** What was nested in it has ended: the next in line comes in. */
  vacate(): void {
    const next = this.#extras?.line.shift()
    this.#occupied = next !== undefined
    next?.(true)
  }

  /** Its code has ended. Tasks that were waiting to be nested in it have outlived it. */
  close(): void {
    this.#open = false
    if (this.#extras !== undefined) for (const come of this.#extras.line.splice(0)) come(false)
  }

  /** Keeps a callback until the lock has been let go. */
  afterwards(callback: () => void): void {
    this.#withExtras().afterwards.push(callback)
  }

  /** Runs what was kept until now. */
  runAfterwards(): void {
    if (this.#extras !== undefined) for (const callback of this.#extras.afterwards.splice(0)) callback()
  }

  #withExtras(): Extras {
    this.#extras ??= { line: [], afterwards: [] }
    return this.#extras
  }
}
