import type { Engine } from '../engine.ts'
import type { LoopSources } from '../event-loop/loop-event.ts'
import type { LoopModel } from '../event-loop/loop-model.ts'
import type { Operation } from '../operation.ts'
import { plainOperations, type SharedArray } from '../plain-operations.ts'
import type { Integer, IntegerArray } from '../real-atomics.ts'
import type { KnownBuffers } from './known-buffers.ts'

/** An element of an array on one of the schedule's shared buffers. */
export interface Element {
  /** The number by which the worker knows the buffer. */
  readonly buffer: number
  readonly type: string
  readonly byteOffset: number
  readonly length: number
  readonly index: number
}

/** Bytes of a view of one of them, as the view counts them. */
export interface Span {
  readonly buffer: number
  readonly byteOffset: number
  readonly from: number
  readonly to: number
  readonly kind: 'read' | 'write'
}

/** A message on its way, whose shared buffers are given by their numbers. */
export interface SentEnvelope {
  readonly bytes: Uint8Array
  readonly shared: readonly number[]
}

/** The operation that a worker is about to do. */
export type Request =
  | { readonly do: 'load' | 'read'; readonly at: Element }
  | { readonly do: 'store' | 'write'; readonly at: Element; readonly value: Integer }
  | { readonly do: 'plain-read'; readonly at: Element }
  | { readonly do: 'plain-write'; readonly at: Element; readonly value: unknown }
  | { readonly do: 'span'; readonly span: Span }
  | { readonly do: 'update'; readonly at: Element; readonly expected: Integer | undefined }
  | { readonly do: 'wait' | 'waitAsync'; readonly at: Element; readonly value: Integer; readonly timeoutMs: number }
  | { readonly do: 'notify'; readonly at: Element; readonly count: number }
  | { readonly do: 'yield' }
  | { readonly do: 'event'; readonly sources: LoopSources }
  | { readonly do: 'post'; readonly port: number; readonly envelope: SentEnvelope }
  | { readonly do: 'receive' | 'close'; readonly port: number }

/** Where requests are turned into operations. */
export interface Requested {
  readonly thread: number
  readonly engine: Engine
  readonly loops: LoopModel
  readonly buffers: KnownBuffers
  /** Lets the worker do its update, and answers what it found. */
  update(): Integer
}

/** The operation that a worker asks for. */
export function operationOf(request: Request, { thread, engine, loops, buffers, update }: Requested): Operation {
  const array = (at: Element) => arrayOf(at, buffers) as IntegerArray
  switch (request.do) {
    case 'load':
    case 'read':
      return engine.load(thread, array(request.at), request.at.index, request.do)
    case 'store':
    case 'write':
      return engine.store(thread, array(request.at), request.at.index, request.value, request.do)
    case 'plain-read':
      return plainOperations.read(engine, thread, arrayOf(request.at, buffers), request.at.index)
    case 'plain-write': {
      const { at, value } = request
      return plainOperations.write(engine, thread, arrayOf(at, buffers), { index: at.index, value })
    }
    case 'span': {
      const { buffer, byteOffset, ...span } = request.span
      return plainOperations.span(engine, thread, new Uint8Array(buffers.at(buffer), byteOffset), span)
    }
    case 'update':
      return engine.update(thread, array(request.at), request.at.index, update, request.expected)
    case 'wait':
      return engine.wait(thread, array(request.at), request.at.index, request.value, request.timeoutMs)
    case 'waitAsync':
      return loops.waitAsync(thread, array(request.at), request.at.index, request.value, request.timeoutMs)
    case 'notify':
      return engine.notify(thread, array(request.at), request.at.index, request.count)
    case 'yield':
      return engine.yield(thread)
    case 'event':
      return loops.nextEvent(thread, request.sources)
    case 'post': {
      const { bytes, shared } = request.envelope
      return loops.post(thread, request.port, { bytes, shared: shared.map((number) => buffers.at(number)) })
    }
    case 'receive':
      return loops.receive(thread, request.port)
    case 'close':
      return loops.close(thread, request.port)
  }
}

type ArrayType = new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => SharedArray

const arrayTypes: Readonly<Record<string, ArrayType>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
}

function arrayOf({ buffer, type, byteOffset, length }: Element, buffers: KnownBuffers): SharedArray {
  return new arrayTypes[type]!(buffers.at(buffer), byteOffset, length)
}
