import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { refuse } from '../refuse.ts'
import { replace } from '../replace.ts'
import type { Running } from '../running.ts'
import type { EventLoop } from './event-loop.ts'
import { loopOf } from './fiber-loop.ts'
import { VirtualImmediate, VirtualTimeout } from './virtual-timer.ts'

type Callback = (...args: unknown[]) => void

/** As Node does it: anything that is no number of milliseconds up to 2³¹ − 1 is 1. */
function delayOf(delayMs: unknown): number {
  const number = Number(delayMs)
  return number >= 1 && number <= 2_147_483_647 ? Math.trunc(number) : 1
}

/** Gives the threads of an exploration virtual timers, of their own time. Returns what puts the real ones back. */
export function interceptTimers(running: Running): () => void {
  const require = createRequire(import.meta.url)
  const timers = require('node:timers') as Record<string, unknown>
  const promises = require('node:timers/promises') as Record<string, unknown>
  const waiting = promiseTimers(running, promises)
  const calling = callbackTimers(running, waiting)
  const undo = Object.entries(calling).flatMap(([name, value]) => [
    replace(globalThis as unknown as Record<string, unknown>, name, value),
    replace(timers, name, value),
  ])
  undo.push(...Object.entries(waiting).map(([name, value]) => replace(promises, name, value)))
  undo.push(replace(AbortSignal, 'timeout', abortTimeout(running)))
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

function callbackTimers(running: Running, waiting: Record<string, unknown>): Record<string, unknown> {
  const { setTimeout, setInterval, setImmediate } = globalThis
  const start = (repeats: boolean, real: typeof setTimeout) => {
    return (call: Callback, delayMs?: number, ...args: unknown[]) => {
      const loop = loopOf(running)
      if (loop === null) return real(call, delayMs, ...args)
      return new VirtualTimeout(loop, () => call(...args), { delayMs: delayOf(delayMs), repeats })
    }
  }
  const soon = (call: Callback, ...args: unknown[]) => {
    const loop = loopOf(running)
    return loop === null ? setImmediate(call, ...args) : new VirtualImmediate(loop, () => call(...args))
  }
  return {
    setTimeout: withPromise(start(false, setTimeout), waiting.setTimeout),
    setInterval: start(true, setInterval as typeof setTimeout),
    setImmediate: withPromise(soon, waiting.setImmediate),
    clearTimeout: stop(globalThis.clearTimeout),
    clearInterval: stop(globalThis.clearInterval),
    clearImmediate: stop(globalThis.clearImmediate as typeof clearTimeout),
  }
}

function withPromise(starting: (...args: never[]) => unknown, waiting: unknown): unknown {
  return Object.assign(starting, { [promisify.custom]: waiting })
}

function stop(real: typeof clearTimeout): (timer: unknown) => void {
  return (timer) => {
    if (timer instanceof VirtualTimeout || timer instanceof VirtualImmediate) timer.close()
    else real(timer as NodeJS.Timeout)
  }
}

interface WaitOptions {
  readonly signal?: AbortSignal
}

function promiseTimers(running: Running, real: Record<string, unknown>): Record<string, unknown> {
  const { scheduler } = real as { scheduler: object }
  const after = (delayMs?: number, value?: unknown, options?: WaitOptions) => {
    const loop = loopOf(running)
    if (loop === null) return Reflect.apply(real.setTimeout as Callback, null, [delayMs, value, options])
    return settled(loop, options, (resolve) => loop.after(delayOf(delayMs), () => resolve(value)))
  }
  const soon = (value?: unknown, options?: WaitOptions) => {
    const loop = loopOf(running)
    if (loop === null) return Reflect.apply(real.setImmediate as Callback, null, [value, options])
    return settled(loop, options, (resolve) => loop.soon(() => resolve(value)))
  }
  const every = (...args: unknown[]) => {
    if (loopOf(running) === null) return Reflect.apply(real.setInterval as Callback, null, args)
    return refuse(running, 'timers/promises.setInterval()', 'it has no model; let a loop wait for setTimeout()')
  }
  return {
    setTimeout: after,
    setImmediate: soon,
    setInterval: every,
    scheduler: Object.assign(Object.create(scheduler), {
      wait: (delayMs: number, options?: WaitOptions) => after(delayMs, undefined, options),
      yield: () => soon(),
    }),
  }
}

function settled(
  loop: EventLoop,
  { signal }: WaitOptions = {},
  start: (resolve: (value: unknown) => void) => number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal))
    const abort = () => {
      loop.cancel(id)
      reject(aborted(signal!))
    }
    const id = start((value) => {
      signal?.removeEventListener('abort', abort)
      resolve(value)
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** The error with which timers/promises end when they are aborted. */
function aborted({ reason }: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: reason })
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

function abortTimeout(running: Running): (delayMs: number) => AbortSignal {
  const { timeout } = AbortSignal
  return (delayMs) => {
    const loop = loopOf(running)
    if (loop === null) return timeout(delayMs)
    const controller = new AbortController()
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    const id = loop.after(delayOf(delayMs), () => controller.abort(reason))
    loop.counts(id, false)
    return controller.signal
  }
}
