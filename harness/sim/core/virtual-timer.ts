import { AsyncResource } from 'node:async_hooks'
import { active } from '../active.ts'
import type { SimEvent } from './event.ts'
import type { SimNode } from './node.ts'
import type { Simulation } from './simulation.ts'

const longestMs = 2 ** 31 - 1

/** The delay that Node makes of any value: whole milliseconds, and 1 for whatever does not fit. */
export function timerDurationMs(delay: unknown): number {
  const durationMs = Number(delay)
  return durationMs >= 1 && durationMs <= longestMs ? Math.trunc(durationMs) : 1
}

/**
 * A timer of the simulation, with the surface of Node's `Timeout`.
 *
 * The underscored properties are Node's own: code inside Node that holds a timer of ours (a socket's time-out, a
 * `clearTimeout` that a library took before us) clears it by setting `_onTimeout` to null and then sees `_destroyed`.
 */
export class VirtualTimer {
  readonly durationMs: number
  readonly #callback: (...args: unknown[]) => void
  readonly #args: readonly unknown[]
  readonly #repeats: boolean
  /** A timer keeps the async context that made it, whoever refreshes it. */
  readonly #resource = new AsyncResource('Timeout', { requireManualDestroy: true })
  #simulation: Simulation
  #node: SimNode
  #event: SimEvent | undefined
  #cleared = false
  #ref: boolean
  readonly #run = () => this.#fire()
  /** Takes over when the schedule has ended but the code that holds the timer lives on. */
  #real: NodeJS.Timeout | undefined

  constructor(
    simulation: Simulation,
    timer: {
      callback: (...args: unknown[]) => void
      delay: unknown
      args?: readonly unknown[]
      repeats?: boolean
      ref?: boolean
    },
  ) {
    this.durationMs = timerDurationMs(timer.delay)
    this.#callback = timer.callback
    this.#args = timer.args ?? []
    this.#repeats = timer.repeats ?? false
    this.#ref = timer.ref ?? true
    this.#simulation = simulation
    this.#node = simulation.node
    simulation.openings.note(this.#resource)
    this.#arm(simulation.nowMs)
  }

  refresh(): this {
    if (this.#cleared) return this
    const { current } = active
    if (current === undefined) this.#goReal()
    else this.#restartIn(current)
    return this
  }

  ref(): this {
    return this.#setRef(true)
  }

  unref(): this {
    return this.#setRef(false)
  }

  hasRef(): boolean {
    return this.#ref
  }

  close(): this {
    this.#cleared = true
    this.#cancel()
    active.real.clearTimeout(this.#real)
    return this
  }

  get _onTimeout(): ((...args: unknown[]) => void) | null {
    return this.#cleared ? null : this.#callback
  }

  set _onTimeout(callback: ((...args: unknown[]) => void) | null) {
    if (callback === null) this.close()
  }

  get _destroyed(): boolean {
    return this.#cleared || (this.#event === undefined && this.#real === undefined)
  }

  get _idleTimeout(): number {
    return this.#cleared ? -1 : this.durationMs
  }

  [Symbol.toPrimitive](): number {
    return this.#simulation.timerNumber(this)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #setRef(ref: boolean): this {
    this.#ref = ref
    if (this.#event !== undefined) this.#simulation.setRef(this.#event, ref)
    if (ref) this.#real?.ref()
    else this.#real?.unref()
    return this
  }

  #arm(fromMs: number): void {
    this.#event = this.#simulation.pushTimer(this.#node, this.durationMs, fromMs, {
      label: 'timer',
      ref: this.#ref,
      resource: this.#resource,
      run: this.#run,
    })
  }

  #fire(): void {
    this.#event = undefined
    const startMs = this.#simulation.nowMs
    try {
      this.#callback.apply(this, this.#args as unknown[])
    } finally {
      // Refreshed in its own callback, a timer is armed already.
      if (this.#repeats && !this.#cleared && this.#event === undefined) this.#arm(startMs)
    }
  }

  /** Timers that outlive a schedule, such as a library's module-level clock, move over to the one that refreshes them. */
  #restartIn(simulation: Simulation): void {
    this.#cancel()
    active.real.clearTimeout(this.#real)
    this.#real = undefined
    if (this.#simulation !== simulation) {
      this.#simulation = simulation
      this.#node = simulation.node
    }
    this.#arm(simulation.nowMs)
  }

  #goReal(): void {
    this.#cancel()
    if (this.#real !== undefined) {
      this.#real.refresh()
      return
    }
    const start = this.#repeats ? active.real.setInterval : active.real.setTimeout
    this.#real = start(this.#callback, this.durationMs, ...this.#args)
    if (!this.#ref) this.#real.unref()
  }

  #cancel(): void {
    if (this.#event !== undefined) this.#simulation.cancel(this.#event)
    this.#event = undefined
  }
}
