import { active } from '../active.ts'

/** The part of Node's Timeout that tells whether it keeps a process alive. */
interface RealTimer {
  hasRef(): boolean
  readonly _destroyed: boolean
}

/** The real timers that were made while a schedule ran, since the last call. */
export class RealTimers {
  readonly #made: RealTimer[] = []

  note(timer: RealTimer): void {
    this.#made.push(timer)
  }

  /** How many of them are still armed and keep the process alive; those of Node itself do not. */
  get armed(): number {
    return this.#made.filter((timer) => timer.hasRef() && !timer._destroyed).length
  }
}

/**
 * Takes note of every real timer that is made while a schedule runs, which only code can do that kept `setTimeout` from
 * before the patches. A Timeout sets its `_repeat` when it is made: a setter on its prototype sees that, and makes the
 * property that it would have been.
 *
 * `process.getActiveResourcesInfo` would tell as much, but it walks over requests that were collected, and crashes: the
 * simulated disk leaves many behind that Node has made and never used.
 */
export function noticeRealTimers(): void {
  const timer = active.real.setTimeout(() => {}, 1)
  active.real.clearTimeout(timer)
  Object.defineProperty(Object.getPrototypeOf(timer), '_repeat', {
    configurable: true,
    set(this: RealTimer, value: unknown) {
      active.current?.realTimers.note(this)
      Object.defineProperty(this, '_repeat', { value, writable: true, enumerable: true, configurable: true })
    },
  })
}
