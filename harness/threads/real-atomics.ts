/** The typed arrays that `Atomics` accepts. */
export type IntegerArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

export type Integer = number | bigint

type Change = (array: IntegerArray, index: number, value: Integer) => Integer

/** `Atomics`, with one signature for all widths. */
export interface AtomicsFunctions {
  load(array: IntegerArray, index: number): Integer
  store: Change
  add: Change
  sub: Change
  and: Change
  or: Change
  xor: Change
  exchange: Change
  compareExchange(array: IntegerArray, index: number, expected: Integer, value: Integer): Integer
  wait(array: IntegerArray, index: number, value: Integer, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out'
  waitAsync(array: IntegerArray, index: number, value: Integer, timeoutMs?: number): unknown
  notify(array: IntegerArray, index: number, count?: number): number
}

/** The builtins as they were when this module was loaded: they perform the operations while the global ones are replaced. */
export const real: AtomicsFunctions = realAtomics()

/** Whether an array lies in memory that threads can share. */
export function isShared({ buffer }: IntegerArray): boolean {
  return buffer instanceof RealSharedArrayBuffer
}

/** Whether anything is a view of memory that threads can share. */
export function isSharedView(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && value.buffer instanceof RealSharedArrayBuffer
}

function realAtomics(): AtomicsFunctions {
  const all = Atomics as unknown as AtomicsFunctions
  const { load, store, add, sub, and, or, xor, exchange, compareExchange, wait, waitAsync, notify } = all
  return { load, store, add, sub, and, or, xor, exchange, compareExchange, wait, waitAsync, notify }
}

const RealSharedArrayBuffer = globalThis.SharedArrayBuffer
