import { HarnessError } from '../../errors.ts'
import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'
import { AtomicsWaiters } from './atomics-waiters.ts'

type SharedArray = Int32Array | BigInt64Array
type Wait = (array: SharedArray, index: number, value: unknown, timeoutMs?: number) => 'not-equal' | 'timed-out' | 'ok'
type WaitResult =
  | { async: false; value: 'not-equal' | 'timed-out' }
  | { async: true; value: Promise<'ok' | 'timed-out'> }
type WaitAsync = (array: SharedArray, index: number, value: unknown, timeoutMs?: number) => WaitResult
type Notify = (array: SharedArray, index: number, count?: number) => number

/**
 * `Atomics.wait`, `Atomics.waitAsync` and `Atomics.notify`. The real functions still judge the arguments and compare the
 * value: asked with no time to wait, or to wake nobody, they do nothing else.
 *
 * Nobody can sleep in `Atomics.wait` here: all processes of a schedule share one thread, and the one that would wake the
 * sleeper could not run. On an event loop it is a bug in any world, so that it is a finding.
 */
export function patchAtomics(): void {
  const waiters = new WeakMap<Simulation, AtomicsWaiters>()
  patchWait(Atomics.wait as unknown as Wait)
  patchWaitAsync(Atomics.waitAsync as unknown as WaitAsync, (simulation) => waitersIn(simulation, waiters))
  patchNotify(Atomics.notify as unknown as Notify, (simulation) => waitersIn(simulation, waiters))
}

function waitersIn(simulation: Simulation, known: WeakMap<Simulation, AtomicsWaiters>): AtomicsWaiters {
  let waiters = known.get(simulation)
  if (waiters === undefined) {
    waiters = new AtomicsWaiters(simulation)
    known.set(simulation, waiters)
  }
  return waiters
}

function patchWait(real: Wait): void {
  const wait: Wait = (array, index, value, timeoutMs) => {
    const { current } = active
    if (current === undefined) return real(array, index, value, timeoutMs)
    const waitMs = patienceMs(timeoutMs)
    const atOnce = real(array, index, value, 0)
    if (atOnce === 'not-equal' || waitMs === 0) return atOnce
    return refuseToBlock(current, Number(index), waitMs)
  }
  Object.assign(Atomics, { wait })
}

function patchWaitAsync(real: WaitAsync, waitersOf: (simulation: Simulation) => AtomicsWaiters): void {
  const waitAsync: WaitAsync = (array, index, value, timeoutMs) => {
    const { current } = active
    if (current === undefined) return real(array, index, value, timeoutMs)
    const waitMs = patienceMs(timeoutMs)
    const atOnce = real(array, index, value, 0)
    if (atOnce.value === 'not-equal' || waitMs === 0) return atOnce
    const promise = waitersOf(current).wait(memoryOf(array), addressOf(array, index), waitMs)
    return { async: true, value: promise }
  }
  Object.assign(Atomics, { waitAsync })
}

function patchNotify(real: Notify, waitersOf: (simulation: Simulation) => AtomicsWaiters): void {
  const notify: Notify = (array, index, count) => {
    const { current } = active
    if (current === undefined) return real(array, index, count)
    const most = count === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Math.trunc(+count) || 0)
    real(array, index, 0)
    if (!(array.buffer instanceof SharedArrayBuffer)) return 0
    return waitersOf(current).notify(array.buffer, addressOf(array, index), most)
  }
  Object.assign(Atomics, { notify })
}

function refuseToBlock(simulation: Simulation, index: number, waitMs: number): never {
  const { name } = simulation.node
  const howLong = waitMs === Number.POSITIVE_INFINITY ? 'until it is notified' : `for up to ${waitMs} ms`
  const error = new HarnessError(
    'ERR_WORLD_UNSUPPORTED',
    `Atomics.wait would block the event loop of '${name}' ${howLong} (at index ${index}); use Atomics.waitAsync there, and test code that is meant to block in the world of threads`,
  )
  simulation.find('blocked', error.message, error)
  throw error
}

/** The time-out as the specification reads it: what is no number means for ever. */
function patienceMs(timeoutMs: number | undefined): number {
  const milliseconds = timeoutMs === undefined ? Number.NaN : +timeoutMs
  return Number.isNaN(milliseconds) ? Number.POSITIVE_INFINITY : Math.max(0, milliseconds)
}

/** Once the real function has accepted it, the array lies in shared memory. */
function memoryOf(array: SharedArray): SharedArrayBuffer {
  return array.buffer as SharedArrayBuffer
}

function addressOf(array: SharedArray, index: number): number {
  return array.byteOffset + Math.trunc(Number(index)) * array.BYTES_PER_ELEMENT
}
