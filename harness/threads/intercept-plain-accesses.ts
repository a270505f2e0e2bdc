import { HarnessError } from '../errors.ts'
import { plainRead, plainSpan, plainWrite, type SharedArray } from './plain-operations.ts'
import { isSharedView } from './real-atomics.ts'
import { refuse } from './refuse.ts'
import type { Running } from './running.ts'
import { type Reach, reachOf, widthOf } from './transform/array-methods.ts'
import { follow } from './transform/observed.ts'

type Method = (...args: unknown[]) => unknown

export interface PlainAccesses {
  /** Throws `ERR_USAGE` unless rewritten code ran in a thread. */
  expectSeen(): void
  restore(): void
}

/**
 * Makes the plain accesses of rewritten code (`transform/`) operations of the thread that runs: an element that is read
 * or written is one, and so is each call of a method such as `fill`, iterating included.
 */
export function interceptPlainAccesses(running: Running): PlainAccesses {
  const views = new WeakMap<ArrayBufferView, ArrayBufferView>()
  let seen = false
  const restore = follow({
    observed(view) {
      if (running.fiber === null) return view
      seen = true
      if (!isSharedView(view)) return view
      const known = views.get(view) ?? watched(view, running)
      views.set(view, known)
      return known
    },
    turn: () => running.fiber?.turn(),
    pass: () => running.fiber?.pass(),
  })
  return { restore, expectSeen: () => expectRewritten(seen) }
}

function expectRewritten(seen: boolean): void {
  if (seen) return
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

function read(array: SharedArray, index: number, { fiber, engine }: Running): unknown {
  return fiber!.ask('read', index, () => plainRead(engine!, fiber!.thread, array, index))
}

function write(array: SharedArray, index: number, given: unknown, { fiber, engine }: Running): void {
  const value = stored(array, given)
  fiber!.ask('write', index, () => plainWrite(engine!, fiber!.thread, array, { index, value }))
}

/** What an array makes of a value, converted once, as in every assignment. */
function stored(array: SharedArray, value: unknown): unknown {
  const Type = array.constructor as new (length: number) => SharedArray
  const one = new Type(1)
  one[0] = value
  return one[0]
}

/** A method of a view, which says what it reaches before it does it. */
function called(view: ArrayBufferView, key: string | symbol, method: Method, running: Running): Method {
  const name = key === Symbol.iterator ? 'values' : String(key)
  const reach = reachOf(name)
  return (...args) => {
    if (reach !== undefined) declare(view, { name, reach, args }, running)
    return Reflect.apply(method, view, args)
  }
}

interface Call {
  readonly name: string
  readonly reach: Reach
  readonly args: readonly unknown[]
}

function declare(view: ArrayBufferView, call: Call, { fiber, engine }: Running): void {
  const { from, to } = spanOf(view, call)
  const kind = call.reach === 'reads' ? 'read' : 'write'
  const { BYTES_PER_ELEMENT: size = 1 } = view as Partial<SharedArray>
  fiber!.ask(call.name, from / size, () => plainSpan(engine!, fiber!.thread, view, { from, to, kind }))
}

/** The bytes that a call reaches: a word of a `DataView`, what `fill` and `set` write, else the whole array. */
function spanOf(view: ArrayBufferView, { name, args }: Call): { from: number; to: number } {
  const width = view instanceof DataView ? widthOf(name) : undefined
  if (width !== undefined) return within(view, Number(args[0]), Number(args[0]) + width)
  const size = (view as SharedArray).BYTES_PER_ELEMENT
  const elements = view.byteLength / size
  if (name === 'set') {
    const offset = Number(args[1] ?? 0)
    return within(view, offset * size, (offset + (args[0] as ArrayLike<unknown>).length) * size)
  }
  if (name === 'at') {
    const index = relative(args[0], elements)
    return within(view, index * size, (index + 1) * size)
  }
  if (name !== 'fill' && name !== 'slice') return { from: 0, to: view.byteLength }
  const [begin, end] = name === 'fill' ? args.slice(1) : args
  return within(view, relative(begin, elements) * size, relative(end ?? elements, elements) * size)
}

/** An index that may count from the end. */
function relative(index: unknown, elements: number): number {
  const number = Math.trunc(Number(index ?? 0)) || 0
  return number < 0 ? number + elements : number
}

/** Nothing for a call that will be refused. */
function within(view: ArrayBufferView, from: number, to: number): { from: number; to: number } {
  const begin = Math.max(0, from)
  const end = Math.min(view.byteLength, to)
  return begin < end ? { from: begin, to: end } : { from: 0, to: 0 }
}
