import { createHash, hash } from 'node:crypto'
import type { SimEvent } from './event.ts'

const peekBytes = 48
const wireBytesMin = 4096

/**
 * Up to so many bytes it is quicker to put text and wire together than to feed them to a native object made for the purpose.
 */
const joinedBytesMost = 64 * 1024

/** An event of the schedule as it was noted; those without a time were taken along by the event before them. */
interface Note {
  readonly timeMs: number | null
  readonly key: string
  readonly label: string
  readonly node: string
  /** Where its bytes begin on the wire, and how many there are; -1 when it carries none. */
  readonly wireAt: number
  readonly size: number
}

/**
 * What happened, one line a step, and one hash over all of it and every byte on the wire. Equal hashes mean equal
 * schedules, to the byte. Most traces are only compared by their hash, so that lines are written when they are asked for.
 */
export class Trace {
  readonly #notes: Note[] = []
  /** All bytes that travelled, one after the other: copies, since whoever reads them may change them. */
  #wire = Buffer.alloc(0)
  #wireBytes = 0
  #isComplete = false

  record(timeMs: number, key: string, event: SimEvent): void {
    this.#note(timeMs, key, event)
  }

  /** Notes bytes that travelled without an event of their own, because a read took them along. */
  joined(event: SimEvent): void {
    this.#note(null, event.key, event)
  }

  /** Notes nothing more: what comes is no part of the schedule. */
  complete(): void {
    this.#isComplete = true
  }

  get lines(): string[] {
    return this.#notes.map((note) => this.#line(note))
  }

  /** The process in which each line's event happened. */
  get nodes(): string[] {
    return this.#notes.map(({ node }) => node)
  }

  get hash(): string {
    let text = ''
    for (const { timeMs, key, label, size } of this.#notes) text += `${timeMs} ${key} ${label} ${size}\n`
    if (this.#wireBytes === 0) return hash('sha256', text, 'hex')
    const wire = this.#wire.subarray(0, this.#wireBytes)
    if (wire.length > joinedBytesMost) return createHash('sha256').update(text).update(wire).digest('hex')
    const textBytes = Buffer.byteLength(text)
    const all = Buffer.allocUnsafe(textBytes + wire.length)
    all.write(text)
    all.set(wire, textBytes)
    return hash('sha256', all, 'hex')
  }

  #note(timeMs: number | null, key: string, { bytes, label, lane }: SimEvent): void {
    if (this.#isComplete) return
    const wireAt = bytes === undefined ? -1 : this.#send(bytes)
    this.#notes.push({ timeMs, key, label, node: lane.node.name, wireAt, size: bytes?.length ?? 0 })
  }

  #send(bytes: Uint8Array): number {
    const at = this.#wireBytes
    const needed = at + bytes.length
    if (needed > this.#wire.length) {
      const wire = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#wire.length, wireBytesMin))
      wire.set(this.#wire.subarray(0, at))
      this.#wire = wire
    }
    this.#wire.set(bytes, at)
    this.#wireBytes = needed
    return at
  }

  #line({ timeMs, key, label, wireAt, size }: Note): string {
    if (timeMs === null) return `  + ${key}`
    return `${timeMs} ${key} ${wireAt < 0 ? label : `${label} ${this.#peek(wireAt, size)}`}`
  }

  /** The first line of the bytes, where it reads as text, and how many there are. */
  #peek(wireAt: number, size: number): string {
    const text = this.#wire.subarray(wireAt, wireAt + Math.min(size, peekBytes)).toString('latin1')
    const end = text.indexOf('\r\n')
    const line = (end > 0 ? text.slice(0, end) : text).replace(/[^\x20-\x7e]+/g, '·')
    return `${JSON.stringify(line)} ${size} B`
  }
}
