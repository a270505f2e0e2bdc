import type { SharedArray } from './plain-operations.ts'
import { isSharedView } from './real-atomics.ts'
import { type Reach, reachOf, widthOf } from './transform/array-methods.ts'

/** Bytes of a view that a call is about to access, counted from the beginning of the view, `to` excluded. */
export interface Reached {
  readonly view: ArrayBufferView
  readonly kind: Reach
  readonly from: number
  readonly to: number
}

interface Call {
  readonly name: string
  readonly args: readonly unknown[]
}

type Span = readonly [from: number, to: number]

/**
 * What a method reaches of the shared view that it is called on, and of a shared one that it is given. As exactly as the
 * arguments tell: a number, a part, else all of it. Iterating reads everything when it begins.
 */
export function reachedBy(view: ArrayBufferView, call: Call): Reached[] {
  const kind = reachOf(call.name)
  if (kind === undefined || isPart(view, call)) return []
  const span = spanOf(view, call)
  return [reached(view, kind, span), ...otherOf(call, span)]
}

/** The `slice` of a buffer is a view of the same memory. */
function isPart(view: ArrayBufferView, { name }: Call): boolean {
  return name === 'slice' && Buffer.isBuffer(view)
}

/** Where `set` takes from, and `copy` puts to. */
function otherOf({ name, args }: Call, [from, to]: Span): Reached[] {
  const [other, start] = args
  const at = numberOf(start, 0)
  if (!isSharedView(other)) return []
  if (name === 'set') return [reached(other, 'read', [0, other.byteLength])]
  return name === 'copy' ? [reached(other, 'write', [at, at + to - from])] : []
}

function spanOf(view: ArrayBufferView, call: Call): Span {
  return numberSpan(call) ?? (Buffer.isBuffer(view) ? bufferSpan(view, call) : null) ?? arraySpan(view, call)
}

/** The bytes of one number: `getInt32(at)`, `setInt32(at, value)`, `readInt32LE(at)`, `writeInt32LE(value, at)`. */
function numberSpan({ name, args }: Call): Span | null {
  const width = widthOf(name)
  if (width === undefined) return null
  const [at, size] = name.startsWith('write') ? args.slice(1) : args
  const from = numberOf(at, 0)
  return [from, from + (width ?? numberOf(size, 1))]
}

function bufferSpan({ byteLength }: Buffer, { name, args }: Call): Span | null {
  if (name === 'toString') return [numberOf(args[1], 0), numberOf(args[2], byteLength)]
  if (name === 'copy') return [numberOf(args[2], 0), numberOf(args[3], byteLength)]
  if (name !== 'write') return null
  const from = numberOf(args[1], 0)
  return [from, Math.min(from + Buffer.byteLength(String(args[0])), from + numberOf(args[2], byteLength))]
}

function arraySpan(view: ArrayBufferView, { name, args }: Call): Span {
  const { BYTES_PER_ELEMENT: size } = view as SharedArray
  const elements = view.byteLength / size
  const span = ([from, to]: Span): Span => [from * size, to * size]
  if (name === 'set') return span([numberOf(args[1], 0), numberOf(args[1], 0) + lengthOf(args[0])])
  if (name === 'at') return span([relative(args[0], elements), relative(args[0], elements) + 1])
  if (name !== 'fill' && name !== 'slice') return [0, view.byteLength]
  const [begin, end] = name === 'fill' ? args.slice(1) : args
  return span([relative(begin ?? 0, elements), relative(end ?? elements, elements)])
}

function lengthOf(source: unknown): number {
  return numberOf((source as ArrayLike<unknown> | undefined)?.length, 0)
}

/** An index that may count from the end. */
function relative(index: unknown, elements: number): number {
  const number = Math.trunc(Number(index)) || 0
  return number < 0 ? number + elements : number
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? Math.trunc(value) || 0 : otherwise
}

/** What lies inside of the view; nothing when that is nothing, as in a call that will be refused. */
function reached(view: ArrayBufferView, kind: Reach, [from, to]: Span): Reached {
  const begin = Math.max(0, from)
  const end = Math.min(view.byteLength, to)
  return begin < end ? { view, kind, from: begin, to: end } : { view, kind, from: 0, to: 0 }
}
