import timersPromises from 'node:timers/promises'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { VirtualImmediate } from '../core/virtual-immediate.ts'
import { VirtualTimer } from '../core/virtual-timer.ts'

interface Options {
  signal?: AbortSignal
  ref?: boolean
}

/**
 * `node:timers/promises`. Arguments of a wrong type, and signals that are aborted already, go to the real functions:
 * they reject without starting a timer, and their errors are the right ones.
 */
export function patchTimersPromises(): void {
  const { real } = active
  const { setTimeout, setImmediate, setInterval } = real.timersPromises
  Object.assign(timersPromises, {
    setTimeout: (delay?: number, value?: unknown, options?: Options) =>
      active.current !== undefined && isUsable(delay, options)
        ? delayed(active.current, delay, value, options ?? {})
        : setTimeout(delay, value, options),
    setImmediate: (value?: unknown, options?: Options) =>
      active.current !== undefined && isUsable(0, options)
        ? immediate(active.current, value, options ?? {})
        : setImmediate(value, options),
    setInterval: (delay?: number, value?: unknown, options?: Options) =>
      active.current !== undefined && isUsable(delay, options)
        ? ticks(active.current, delay, value, options ?? {})
        : setInterval(delay, value, options),
  })
  const { scheduler } = timersPromises
  Object.defineProperties(Object.getPrototypeOf(scheduler), {
    wait: { value: (delay: number, options?: Options) => timersPromises.setTimeout(delay, undefined, options) },
    yield: { value: () => timersPromises.setImmediate() },
  })
}

function isUsable(delay: unknown, options: unknown): boolean {
  if (delay !== undefined && typeof delay !== 'number') return false
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null) return false
  const { signal, ref } = options as { signal?: unknown; ref?: unknown }
  if (ref !== undefined && typeof ref !== 'boolean') return false
  return signal === undefined || (signal instanceof AbortSignal && !signal.aborted)
}

function delayed(
  simulation: Simulation,
  delay: number | undefined,
  value: unknown,
  options: Options,
): Promise<unknown> {
  return abortable(options.signal, (resolve) => {
    const timer = new VirtualTimer(simulation, { callback: () => resolve(value), delay, ref: options.ref })
    return () => timer.close()
  })
}

function immediate(simulation: Simulation, value: unknown, options: Options): Promise<unknown> {
  return abortable(options.signal, (resolve) => {
    const made = new VirtualImmediate(simulation, () => resolve(value), [])
    if (options.ref === false) made.unref()
    return () => made.clear()
  })
}

function abortable(
  signal: AbortSignal | undefined,
  start: (resolve: (value: unknown) => void) => () => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancel = start((value) => {
      signal?.removeEventListener('abort', onAbort)
      resolve(value)
    })
    function onAbort(): void {
      cancel()
      reject(abortError(signal))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Counts the ticks that nobody has asked for yet, as Node does, so that a slow consumer loses none. */
async function* ticks(
  simulation: Simulation,
  delay: number | undefined,
  value: unknown,
  { signal, ref }: Options,
): AsyncGenerator<unknown> {
  let due = 0
  let wake = (): void => {}
  const onTick = () => {
    due++
    wake()
  }
  const timer = new VirtualTimer(simulation, { callback: onTick, delay, repeats: true, ref })
  const onAbort = () => wake()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal?.aborted) {
      if (due === 0) await new Promise<void>((resolve) => (wake = resolve))
      for (; due > 0 && !signal?.aborted; due--) yield value
    }
    throw abortError(signal)
  } finally {
    timer.close()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** The error of Node's own aborted operations, whose class is not public. */
function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error('The operation was aborted', { cause: signal?.reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}
