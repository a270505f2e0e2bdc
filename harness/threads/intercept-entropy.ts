import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Fiber } from './fiber.ts'
import { replace } from './replace.ts'
import type { Running } from './running.ts'

/** What the clocks of all threads begin at. */
const beginMs = Date.UTC(2000, 0, 1)

/**
 * Replaces clocks and random numbers: the code of a thread gets virtual time, which passes only by waits that time out, and
 * numbers from the seed, the same ones whenever it is run again. Returns what puts the real ones back.
 */
export function interceptEntropy(running: Running): () => void {
  const undo = [...clocks(running), ...randomNumbers(running), ...randomBytes(running)]
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo.reverse()) restore()
    syncBuiltinESMExports()
  }
}

function clocks(running: Running): (() => void)[] {
  const { now } = Date
  const performanceNow = performance.now.bind(performance)
  const { hrtime } = process
  const elapsedMs = () => sinceBegin(running, 0)
  const virtualHrtime = (before?: [number, number]) => {
    const ms = elapsedMs()
    if (ms === undefined) return hrtime(before)
    const nanoseconds = ms * 1e6 - (before === undefined ? 0 : before[0] * 1e9 + before[1])
    return [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9]
  }
  const bigint = () => {
    const ms = elapsedMs()
    return ms === undefined ? hrtime.bigint() : BigInt(Math.round(ms * 1e6))
  }
  return [
    replace(Date, 'now', () => sinceBegin(running, beginMs) ?? now()),
    replace(globalThis, 'Date', dateIn(running)),
    replace(performance, 'now', () => elapsedMs() ?? performanceNow()),
    replace(process, 'hrtime', Object.assign(virtualHrtime, { bigint })),
  ]
}

/** Dates without arguments are of the thread's time. */
function dateIn(running: Running): DateConstructor {
  const Real = Date
  const nowMs = () => sinceBegin(running, beginMs)
  return new Proxy(Real, {
    construct(target, args: [], newTarget) {
      const time = args.length === 0 ? nowMs() : undefined
      return Reflect.construct(target, time === undefined ? args : [time], newTarget) as Date
    },
    apply: (target) => new target(nowMs() ?? Date.now()).toString(),
  })
}

function sinceBegin(running: Running, begin: number): number | undefined {
  const fiber = fiberOf(running)
  return fiber?.draw(() => begin + fiber.nowMs)
}

/** The thread that asks; null when it is none. */
function fiberOf(running: Running): Fiber | null {
  if (running.fiber === null) running.outsideDraws++
  return running.fiber
}

function randomNumbers(running: Running): (() => void)[] {
  const { random } = Math
  const crypto = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto')
  const { randomInt } = crypto
  const drawnInt = (...args: [number, number?]) => {
    const [from, to] = args[1] === undefined ? [0, args[0]] : [args[0], args[1]]
    const drawn = fiberOf(running)?.random()
    return drawn === undefined ? Reflect.apply(randomInt, crypto, args) : from + Math.floor(drawn * (to - from))
  }
  return [replace(Math, 'random', () => fiberOf(running)?.random() ?? random()), replace(crypto, 'randomInt', drawnInt)]
}

type Fill = <T extends ArrayBufferView>(view: T, ...rest: unknown[]) => T

function randomBytes(running: Running): (() => void)[] {
  const crypto = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto')
  const { randomUUID, randomFillSync, randomBytes } = crypto
  const fillWith = (real: Fill): Fill => {
    return (view, ...rest) => {
      const fiber = fiberOf(running)
      return fiber === null ? real(view, ...rest) : filled(fiber, view)
    }
  }
  const uuid = (options?: object) => {
    const fiber = fiberOf(running)
    return fiber === null ? randomUUID(options) : uuidOf(filled(fiber, Buffer.alloc(16)))
  }
  const bytes = (size: number, ...rest: unknown[]) => {
    const fiber = fiberOf(running)
    return fiber === null ? Reflect.apply(randomBytes, crypto, [size, ...rest]) : filled(fiber, Buffer.alloc(size))
  }
  const { webcrypto } = crypto
  return [
    replace(crypto, 'randomUUID', uuid),
    replace(crypto, 'randomBytes', bytes),
    replace(crypto, 'randomFillSync', fillWith(randomFillSync as Fill)),
    replace(webcrypto, 'randomUUID', uuid),
    replace(webcrypto, 'getRandomValues', fillWith(webcrypto.getRandomValues.bind(webcrypto) as Fill)),
  ]
}

function filled<T extends ArrayBufferView>(fiber: Fiber, view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(fiber.random() * 256)
  return view
}

/** A version 4 UUID of sixteen random bytes (RFC 9562). */
function uuidOf(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
