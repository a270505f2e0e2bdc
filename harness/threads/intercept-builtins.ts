import { createRequire, syncBuiltinESMExports } from 'node:module'
import { interceptAtomics } from './intercept-atomics.ts'
import type { Running } from './running.ts'

/** What the clocks of all threads begin at. */
const beginMs = Date.UTC(2000, 0, 1)

/**
 * Replaces what lets a thread notice others or the outside world, as long as an exploration runs: `Atomics`, clocks,
 * `Math.random`, and the fact that this is the main thread. Returns what puts everything back.
 */
export function interceptBuiltins(running: Running): () => void {
  const undo = [interceptAtomics(running), interceptBuffers(running), interceptClocks(running), actAsWorker()]
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

/** Shared buffers are entered where they are made; a thread that makes one finds the same in each of its runs. */
function interceptBuffers(running: Running): () => void {
  const Real = globalThis.SharedArrayBuffer
  const make = (size: number): SharedArrayBuffer => {
    const buffer = new Real(size)
    running.memory?.add(buffer)
    return buffer
  }
  return replace(
    globalThis,
    'SharedArrayBuffer',
    new Proxy(Real, {
      construct(_, [size]) {
        const { fiber } = running
        if (fiber === null) return make(size)
        const buffer = fiber.draw(() => make(size))
        // A run that repeats itself finds it empty, as the first did; what came later is put back with the later steps.
        if (!fiber.isNew) new Uint8Array(buffer).fill(0)
        return buffer
      },
    }),
  )
}

function interceptClocks(running: Running): () => void {
  const { random } = Math
  const { now } = Date
  const performanceNow = performance.now.bind(performance)
  const undo = [
    replace(Math, 'random', () => running.fiber?.random() ?? random()),
    replace(Date, 'now', () => inThread(running, beginMs) ?? now()),
    replace(performance, 'now', () => inThread(running, 0) ?? performanceNow()),
  ]
  return () => {
    for (const restore of undo) restore()
  }
}

function inThread({ fiber }: Running, begin: number): number | undefined {
  return fiber?.draw(() => begin + fiber.nowMs)
}

/** Threads may block, so they have to look like workers. */
function actAsWorker(): () => void {
  const restore = replace(createRequire(import.meta.url)('node:worker_threads'), 'isMainThread', false)
  syncBuiltinESMExports()
  return () => {
    restore()
    syncBuiltinESMExports()
  }
}

function replace<T extends object>(owner: T, name: keyof T & string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name)
  Object.defineProperty(owner, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? true,
  })
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name)
    else Object.defineProperty(owner, name, before)
  }
}
