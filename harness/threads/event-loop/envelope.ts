import { Deserializer, Serializer } from 'node:v8'
import { mapValues } from './map-values.ts'

/** A message on its way, cloned as `postMessage` does; shared buffers stay the same ones. */
export interface Envelope {
  readonly bytes: Uint8Array
  readonly shared: readonly SharedArrayBuffer[]
}

/** What stands for shared memory in the bytes of a message: a buffer, or a view of one. */
interface Place {
  /** No message has a property of this name. */
  readonly 'raceproof:shared': number
  readonly type: string | null
  readonly byteOffset: number
  readonly length: number
}

type View = new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => ArrayBufferView

class Cloning extends Serializer {
  _getDataCloneError(message: string): Error {
    return new DOMException(message, 'DataCloneError')
  }
}

/** Clones a value. Throws a `DataCloneError` for what cannot be cloned. */
export function sealed(value: unknown): Envelope {
  const shared: SharedArrayBuffer[] = []
  const cloning = new Cloning()
  cloning.writeHeader()
  cloning.writeValue(mapValues(value, (each) => placeOf(each, shared)))
  return { bytes: cloning.releaseBuffer(), shared }
}

/** What was put in, each time a new copy. */
export function opened({ bytes, shared }: Envelope): unknown {
  const reading = new Deserializer(bytes)
  reading.readHeader()
  return mapValues(reading.readValue(), (each) => sharedAt(each as Partial<Place>, shared))
}

function placeOf(value: object, shared: SharedArrayBuffer[]): Place | undefined {
  const isView = ArrayBuffer.isView(value)
  const buffer = isView ? value.buffer : value
  if (Object.prototype.toString.call(buffer) !== '[object SharedArrayBuffer]') return undefined
  const known = shared.indexOf(buffer as SharedArrayBuffer)
  const number = known >= 0 ? known : shared.push(buffer as SharedArrayBuffer) - 1
  if (!isView) return { 'raceproof:shared': number, type: null, byteOffset: 0, length: 0 }
  const length = value instanceof DataView ? value.byteLength : (value as Uint8Array).length
  return { 'raceproof:shared': number, type: value.constructor.name, byteOffset: value.byteOffset, length }
}

function sharedAt(place: Partial<Place>, shared: readonly SharedArrayBuffer[]): object | undefined {
  const number = place['raceproof:shared']
  if (number === undefined) return undefined
  const { type, byteOffset, length } = place as Place
  if (type === null) return shared[number]
  return new (Reflect.get(globalThis, type) as View)(shared[number]!, byteOffset, length)
}
