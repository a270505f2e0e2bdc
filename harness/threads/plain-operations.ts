import type { Engine } from './engine.ts'
import type { Access, Operation } from './operation.ts'
import type { Reached } from './reached-bytes.ts'

/** A typed array on shared memory, of any element type. */
export type SharedArray = ArrayLike<unknown> & { [index: number]: unknown } & ArrayBufferView & {
    readonly BYTES_PER_ELEMENT: number
    readonly [Symbol.toStringTag]: string
  }

/** What plain accesses are as operations. */
export interface PlainOperations {
  /** Reads an element without `Atomics`. Answers the value. */
  read(engine: Engine, thread: number, array: SharedArray, index: number): Operation
  /** Writes an element without `Atomics`. The value is one that the array stores as it is. */
  write(engine: Engine, thread: number, array: SharedArray, element: { index: number; value: unknown }): Operation
  /**
   * Says that the thread is about to access all these bytes of a view, which it does itself as soon as this has been
   * performed: nobody else runs in between.
   */
  span(engine: Engine, thread: number, view: ArrayBufferView, span: Omit<Reached, 'view'>): Operation
}

export const plainOperations: PlainOperations = { read: plainRead, write: plainWrite, span: plainSpan }

function plainRead(engine: Engine, thread: number, array: SharedArray, index: number): Operation {
  const access = elementOf(engine, array, index, false)
  const rereads = engine.rereadsOf(thread)
  const current = () => array[index]
  const perform = () => {
    const value = current()
    rereads.note(access, value, { current })
    return value
  }
  return rereads.delayed({ kind: 'read', thread, accesses: [access], enabled: always, perform })
}

function plainWrite(
  engine: Engine,
  thread: number,
  array: SharedArray,
  { index, value }: { index: number; value: unknown },
): Operation {
  const perform = () => {
    engine.rereadsOf(thread).clear()
    array[index] = value
    return value
  }
  return { kind: 'write', thread, accesses: [elementOf(engine, array, index, true)], enabled: always, perform }
}

function plainSpan(
  engine: Engine,
  thread: number,
  view: ArrayBufferView,
  { from, to, kind }: Omit<Reached, 'view'>,
): Operation {
  const writes = kind === 'write'
  const accesses = from < to ? [engine.bytes(view, { from, to, writes })] : []
  const perform = () => {
    if (writes) engine.rereadsOf(thread).clear()
  }
  return { kind, thread, accesses, enabled: always, perform }
}

function elementOf(engine: Engine, array: SharedArray, index: number, writes: boolean): Access {
  const from = index * array.BYTES_PER_ELEMENT
  return engine.bytes(array, { from, to: from + array.BYTES_PER_ELEMENT, writes })
}

function always(): boolean {
  return true
}
