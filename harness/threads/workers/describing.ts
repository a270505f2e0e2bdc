import { Engine } from '../engine.ts'
import type { Envelope } from '../event-loop/envelope.ts'
import type { LoopSources } from '../event-loop/loop-event.ts'
import { LoopModel } from '../event-loop/loop-model.ts'
import type { Operation, OperationKind } from '../operation.ts'
import type { PlainOperations, SharedArray } from '../plain-operations.ts'
import type { Integer, IntegerArray } from '../real-atomics.ts'
import type { KnownBuffers } from './known-buffers.ts'
import { NotOnWorkers } from './not-on-workers.ts'
import type { Element, Request } from './request.ts'
import type { Described } from './worker-fiber.ts'

/** Describes operations on memory, for the controller. */
export class DescribingEngine extends Engine {
  readonly #buffers: KnownBuffers

  constructor(buffers: KnownBuffers) {
    super()
    this.#buffers = buffers
  }

  override load(thread: number, array: IntegerArray, index: number, kind: 'load' | 'read' = 'load'): Operation {
    return described(kind, thread, { do: kind, at: elementOf(array, index, this.#buffers) })
  }

  override store(
    thread: number,
    array: IntegerArray,
    index: number,
    value: Integer,
    kind: 'store' | 'write' = 'store',
  ): Operation {
    return described(kind, thread, { do: kind, at: elementOf(array, index, this.#buffers), value })
  }

  override update(
    thread: number,
    array: IntegerArray,
    index: number,
    change: () => Integer,
    expected?: Integer,
  ): Operation {
    const at = elementOf(array, index, this.#buffers)
    return { ...described('update', thread, { do: 'update', at, expected }), change } as Described
  }

  override wait(thread: number, array: IntegerArray, index: number, value: Integer, timeoutMs: number): Operation {
    return described('wait', thread, { do: 'wait', at: elementOf(array, index, this.#buffers), value, timeoutMs })
  }

  override notify(thread: number, array: IntegerArray, index: number, count: number): Operation {
    return described('notify', thread, { do: 'notify', at: elementOf(array, index, this.#buffers), count })
  }

  override yield(thread: number): Operation {
    return described('yield', thread, { do: 'yield' })
  }
}

/** Describes the operations of event loops, for the controller. */
export class DescribingLoops extends LoopModel {
  readonly #buffers: KnownBuffers

  constructor(buffers: KnownBuffers) {
    super(new Engine())
    this.#buffers = buffers
  }

  override waitAsync(thread: number, array: IntegerArray, index: number, value: Integer, timeoutMs: number): Operation {
    const at = elementOf(array, index, this.#buffers)
    return described('wait', thread, { do: 'waitAsync', at, value, timeoutMs })
  }

  override nextEvent(thread: number, sources: LoopSources): Operation {
    return described('event', thread, { do: 'event', sources })
  }

  override channel(): never {
    throw new NotOnWorkers('a thread makes a message channel; make it in setup')
  }

  override post(thread: number, port: number, { bytes, shared }: Envelope): Operation {
    const numbers = shared.map((buffer) => this.#buffers.numberOf(buffer))
    return described('post', thread, { do: 'post', port, envelope: { bytes, shared: numbers } })
  }

  override receive(thread: number, port: number): Operation {
    return described('receive', thread, { do: 'receive', port })
  }

  override close(thread: number, port: number): Operation {
    return described('post', thread, { do: 'close', port })
  }
}

/** Describes plain accesses, for the controller. */
export function describedPlainly(buffers: () => KnownBuffers): PlainOperations {
  return {
    read: (_, thread, array, index) =>
      described('read', thread, { do: 'plain-read', at: elementOf(array, index, buffers()) }),
    write: (_, thread, array, { index, value }) =>
      described('write', thread, { do: 'plain-write', at: elementOf(array, index, buffers()), value }),
    span(_, thread, { buffer, byteOffset }, { from, to, kind }) {
      const span = { buffer: buffers().numberOf(buffer), byteOffset, from, to, kind }
      return described(kind, thread, { do: 'span', span })
    },
  }
}

function described(kind: OperationKind, thread: number, request: Request): Described {
  return { kind, thread, accesses: [], request, enabled: () => true, perform: () => undefined }
}

function elementOf(array: IntegerArray | SharedArray, index: number, buffers: KnownBuffers): Element {
  const { byteOffset, length } = array
  // By its name, since a Buffer is an Uint8Array too.
  return { buffer: buffers.numberOf(array.buffer), type: array[Symbol.toStringTag], byteOffset, length, index }
}
