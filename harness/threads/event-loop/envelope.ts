import { Deserializer, Serializer } from 'node:v8'

/** A message on its way, cloned as `postMessage` does; shared buffers stay the same ones. */
export interface Envelope {
  readonly bytes: Uint8Array
  readonly shared: readonly SharedArrayBuffer[]
}

class Cloning extends Serializer {
  readonly shared: SharedArrayBuffer[] = []

  _getSharedArrayBufferId(buffer: SharedArrayBuffer): number {
    const known = this.shared.indexOf(buffer)
    return known >= 0 ? known : this.shared.push(buffer) - 1
  }

  _getDataCloneError(message: string): Error {
    return new DOMException(message, 'DataCloneError')
  }
}

/** Clones a value. Throws a `DataCloneError` for what cannot be cloned. */
export function sealed(value: unknown): Envelope {
  const cloning = new Cloning()
  cloning.writeHeader()
  cloning.writeValue(value)
  return { bytes: cloning.releaseBuffer(), shared: cloning.shared }
}

/** What was put in, each time a new copy. */
export function opened({ bytes, shared }: Envelope): unknown {
  const reading = new Deserializer(bytes)
  for (const [id, buffer] of shared.entries()) reading.transferArrayBuffer(id, buffer as unknown as ArrayBuffer)
  reading.readHeader()
  return reading.readValue()
}
