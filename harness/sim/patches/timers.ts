import timers from 'node:timers'
import { promisify } from 'node:util'
import { active } from '../active.ts'
import { VirtualImmediate } from '../core/virtual-immediate.ts'
import { VirtualTimer } from '../core/virtual-timer.ts'

type Callback = (...args: unknown[]) => void
type AnyTimer = NodeJS.Timeout | NodeJS.Immediate | VirtualTimer | VirtualImmediate | number | string | null | undefined

/**
 * setTimeout, setInterval, setImmediate and what clears them, on the global object and in `node:timers`.
 *
 * What is not a function goes to the real builtin, whose error is the right one. A timer is cleared by whoever made it,
 * whether or not a schedule runs.
 */
export function patchTimers(): void {
  const { real } = active
  const replacements = {
    setTimeout: startWith(real.setTimeout as never, false),
    setInterval: startWith(real.setInterval as never, true),
    setImmediate: named('setImmediate', (callback: Callback, ...args: unknown[]) =>
      active.current !== undefined && typeof callback === 'function'
        ? new VirtualImmediate(active.current, callback, args)
        : real.setImmediate(callback, ...args),
    ),
    clearTimeout: named('clearTimeout', (timer: AnyTimer) => clear(timer, real.clearTimeout as never)),
    clearInterval: named('clearInterval', (timer: AnyTimer) => clear(timer, real.clearInterval as never)),
    clearImmediate: named('clearImmediate', (immediate: AnyTimer) => clear(immediate, real.clearImmediate as never)),
  }
  keepPromisified(replacements)
  Object.assign(globalThis, replacements)
  Object.assign(timers, replacements)
  patchRefresh()
}

function startWith(real: (...args: unknown[]) => unknown, repeats: boolean) {
  return named(real.name, (callback: Callback, delay?: unknown, ...args: unknown[]) =>
    active.current !== undefined && typeof callback === 'function'
      ? new VirtualTimer(active.current, { callback, delay, args, repeats })
      : real(callback, delay, ...args),
  )
}

function clear(timer: AnyTimer, real: (timer: unknown) => void): void {
  if (timer instanceof VirtualTimer) timer.close()
  else if (timer instanceof VirtualImmediate) timer.clear()
  else if (typeof timer === 'object' || active.current === undefined) real(timer)
  else active.current.timerOf(Number(timer))?.close()
}

/** `promisify(setTimeout)` gives the function of `node:timers/promises`, as it does in Node; that one is patched too. */
function keepPromisified(replacements: { setTimeout: object; setImmediate: object }): void {
  for (const name of ['setTimeout', 'setImmediate'] as const) {
    Object.defineProperty(replacements[name], promisify.custom, {
      enumerable: true,
      get: () => timers.promises[name],
    })
  }
}

/** A real timer that is refreshed inside a schedule, such as a library's clock from before, goes on as a virtual one. */
function patchRefresh(): void {
  const { real } = active
  const sample = real.setTimeout(() => {}, 1)
  real.clearTimeout(sample)
  const prototype = Object.getPrototypeOf(sample) as NodeJS.Timeout
  const { refresh } = prototype
  const twins = new WeakMap<NodeJS.Timeout, VirtualTimer>()
  prototype.refresh = function (this: NodeJS.Timeout) {
    const { current } = active
    if (current === undefined) return refresh.call(this)
    const twin = twins.get(this)
    if (twin !== undefined) twin.refresh()
    else twins.set(this, twinOf(this, current))
    return this
  }
}

interface TimeoutInside {
  _onTimeout: Callback
  _idleTimeout: number
  _timerArgs?: unknown[]
  _repeat: number | null
}

function twinOf(timer: NodeJS.Timeout, simulation: NonNullable<typeof active.current>): VirtualTimer {
  const { _onTimeout, _idleTimeout, _timerArgs, _repeat } = timer as unknown as TimeoutInside
  return new VirtualTimer(simulation, {
    callback: _onTimeout,
    delay: _idleTimeout,
    args: _timerArgs,
    repeats: _repeat !== null,
    ref: timer.hasRef(),
  })
}

function named<F extends (...args: never[]) => unknown>(name: string, replacement: F): F {
  return Object.defineProperty(replacement, 'name', { value: name })
}
