import { createHash } from 'node:crypto'
import type { SimEvent } from './event.ts'

const peekBytes = 48

/**
 * What happened, one line a step, and one hash over all of it and every byte on the wire. Equal hashes mean equal
 * schedules, to the byte.
 */
export class Trace {
  readonly lines: string[] = []
  /** The process in which each line's event happened. */
  readonly nodes: string[] = []
  readonly #wire = createHash('sha256')

  record(nowMs: number, event: SimEvent): void {
    const { bytes, label } = event
    if (bytes !== undefined) this.#wire.update(bytes)
    this.lines.push(`${nowMs} ${event.key} ${bytes === undefined ? label : `${label} ${peek(bytes)}`}`)
    this.nodes.push(event.lane.node.name)
  }

  /** Notes bytes that travelled without an event of their own, because a read took them along. */
  joined(event: SimEvent): void {
    if (event.bytes !== undefined) this.#wire.update(event.bytes)
    this.lines.push(`  + ${event.key}`)
    this.nodes.push(event.lane.node.name)
  }

  get hash(): string {
    return createHash('sha256').update(this.lines.join('\n')).update(this.#wire.copy().digest()).digest('hex')
  }
}

/** The first line of the bytes, where it reads as text, and how many there are. */
function peek(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, peekBytes)).toString('latin1')
  const end = text.indexOf('\r\n')
  const line = (end > 0 ? text.slice(0, end) : text).replace(/[^\x20-\x7e]+/g, '·')
  return `${JSON.stringify(line)} ${bytes.length} B`
}
