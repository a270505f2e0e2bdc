import { HarnessError } from '../errors.ts'
import type { SharedArray } from './plain-operations.ts'
import { type Reached, reachedBy } from './reached-bytes.ts'
import { isSharedView } from './real-atomics.ts'
import { refuse } from './refuse.ts'
import type { Running } from './running.ts'
import { follow } from './transform/observed.ts'

type Method = (...args: unknown[]) => unknown

/**
 * Makes the plain accesses of rewritten code (`transform/`) operations of the thread that runs: an element that is read
 * or written is one, and so is each call of a method such as `fill`, iterating included. Returns what ends that.
 */
export function interceptPlainAccesses(running: Running): () => void {
  const views = new WeakMap<ArrayBufferView, ArrayBufferView>()
  return follow({
    observed(view) {
      if (running.fiber === null) return view
      running.hasPlainAccesses = true
      if (!isSharedView(view)) return view
      const known = views.get(view) ?? watched(view, running)
      views.set(view, known)
      return known
    },
    turn: () => running.fiber?.turn(),
    pass: () => running.fiber?.pass(),
  })
}

/** Throws `ERR_USAGE` unless rewritten code ran in a thread. */
export function expectPlainAccesses({ hasPlainAccesses }: Running): void {
  if (hasPlainAccesses) return
  throw new HarnessError(
    'ERR_USAGE',
    'plainAccesses: no plain access was seen, so nothing is proved of them: expected threads given as modules, or functions ' +
      'of code that plainAccesses() of raceproof/vite has rewritten; leave the option out when there are none',
  )
}

/** Stands in for a view of shared memory, in the one expression that accesses it. */
function watched(view: ArrayBufferView, running: Running): ArrayBufferView {
  if (running.memory?.has(view.buffer) !== true) {
    refuse(
      running,
      'shared memory that was made outside of the exploration',
      'each schedule needs memory of its own; make the SharedArrayBuffer in setup, or in a thread',
    )
  }
  return new Proxy(view, {
    get(target, key) {
      const index = indexOf(target, key)
      if (index !== null) return read(target as SharedArray, index, running)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? called(target, key, value as Method, running) : value
    },
    set(target, key, value) {
      const index = indexOf(target, key)
      if (index === null) return Reflect.set(target, key, value, target)
      write(target as SharedArray, index, value, running)
      return true
    },
  })
}

/** The number of an element that an array has; null for all other keys. */
function indexOf(view: ArrayBufferView, key: string | symbol): number | null {
  if (typeof key === 'symbol' || view instanceof DataView) return null
  const index = Number(key)
  const isElement = Number.isInteger(index) && index >= 0 && index < (view as SharedArray).length
  return isElement && String(index) === key ? index : null
}

function read(array: SharedArray, index: number, { fiber, engine, plain }: Running): unknown {
  return fiber!.ask('read', index, () => plain.read(engine!, fiber!.thread, array, index))
}

function write(array: SharedArray, index: number, given: unknown, { fiber, engine, plain }: Running): void {
  const value = stored(array, given)
  fiber!.ask('write', index, () => plain.write(engine!, fiber!.thread, array, { index, value }))
}

/** What an array makes of a value, converted once, as in every assignment. */
function stored(array: SharedArray, value: unknown): unknown {
  // By its name, since a Buffer is an Uint8Array too.
  const Type = Reflect.get(globalThis, array[Symbol.toStringTag]) as new (length: number) => SharedArray
  const one = new Type(1)
  one[0] = value
  return one[0]
}

/** A method of a view, which says what it reaches before it does it. */
function called(view: ArrayBufferView, key: string | symbol, method: Method, running: Running): Method {
  const name = key === Symbol.iterator ? 'values' : String(key)
  return (...args) => {
    for (const reached of reachedBy(view, { name, args })) declare(name, reached, running)
    return Reflect.apply(method, view, args)
  }
}

function declare(name: string, { view, ...span }: Reached, { fiber, engine, plain }: Running): void {
  const { BYTES_PER_ELEMENT: size = 1 } = view as Partial<SharedArray>
  fiber!.ask(name, span.from / size, () => plain.span(engine!, fiber!.thread, view, span))
}
