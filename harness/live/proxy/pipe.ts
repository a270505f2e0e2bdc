import type { Socket } from 'node:net'
import type { CutAfter } from '../../fault/fault.ts'
import type { Random } from '../../random.ts'
import { hrtimeMs } from '../run-clock.ts'

/** Bytes that may wait in a pipe before the sender is stopped: about what a TCP window holds. */
const windowBytes = 64 * 1024

/** What goes through a pipe: bytes, then one FIN or RST. */
type Cargo = { kind: 'bytes'; bytes: Buffer } | { kind: 'end' } | { kind: 'reset' }
/** A piece passes at its due time, but never before the one in front of it, and `apart` from that one by a while. */
type Piece = Cargo & { dueMs: number; apart?: boolean }

/** Where the link ends: after so many more bytes, or messages. */
interface Cut {
  left: number
  unit: 'bytes' | 'messages'
  end: () => void
}

/** How far the pieces of a split write are apart: enough for the receiver to read one before the next comes. */
const apartMs = 2

interface Delay {
  delayMs: number
  jitterMs: number
}

/**
 * One direction of a link: what comes from one socket goes to the other, in order. Faults delay it, hold it or slow it
 * down; the sender feels a full pipe as back-pressure, and a FIN or RST waits its turn like everything else, or the
 * peer would learn from it that the network stands still.
 */
export class Pipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #random: Random
  readonly #delays = new Set<Delay>()
  readonly #stalls = new Set<object>()
  readonly #rates = new Set<{ bytesPerSecond: number }>()
  readonly #splits = new Set<{ pieces: number }>()
  readonly #merges = new Set<{ withinMs: number }>()
  readonly #cuts = new Set<Cut>()
  #queue: Piece[] = []
  #queuedBytes = 0
  /** When the throttle lets the next bytes pass. */
  #freeMs = 0
  /** When bytes were passed on last. */
  #sentMs = 0
  #timer: NodeJS.Timeout | undefined
  #waitsForDrain = false

  constructor(from: Socket, to: Socket, random: Random) {
    this.#from = from
    this.#to = to
    this.#random = random
    from.on('data', (bytes) => this.#push({ kind: 'bytes', bytes }))
    from.on('end', () => this.#push({ kind: 'end' }))
    // What was under way is lost with a reset, as it is in the network.
    from.on('error', () => {
      this.#drop()
      this.#push({ kind: 'reset' })
    })
    to.on('drain', () => {
      this.#waitsForDrain = false
      this.#pump()
    })
  }

  /** Returns what ends the delay. What is already on its way keeps its due time. */
  delay(delayMs: number, jitterMs: number): () => void {
    return this.#impose(this.#delays, { delayMs, jitterMs })
  }

  stall(): () => void {
    return this.#impose(this.#stalls, {})
  }

  throttle(bytesPerSecond: number): () => void {
    return this.#impose(this.#rates, { bytesPerSecond })
  }

  split(pieces: number): () => void {
    return this.#impose(this.#splits, { pieces })
  }

  merge(withinMs: number): () => void {
    return this.#impose(this.#merges, { withinMs })
  }

  /** Calls `end` when so much more has passed. */
  cut(after: CutAfter, end: () => void): () => void {
    const [left, unit] = 'bytes' in after ? ([after.bytes, 'bytes'] as const) : ([after.messages, 'messages'] as const)
    return this.#impose(this.#cuts, { left, unit, end })
  }

  /** Nothing passes any more, and nothing is read. */
  close(): void {
    clearTimeout(this.#timer)
    this.#drop()
    this.#stalls.add(this)
    this.#from.pause()
  }

  #impose<T>(faults: Set<T>, fault: T): () => void {
    faults.add(fault)
    return () => {
      faults.delete(fault)
      this.#pump()
    }
  }

  #push(cargo: Cargo): void {
    const dueMs = hrtimeMs() + this.#drawDelayMs()
    if (cargo.kind === 'bytes') this.#pushBytes(cargo.bytes, dueMs)
    else this.#queue.push({ ...cargo, dueMs })
    this.#pump()
  }

  #pushBytes(bytes: Buffer, dueMs: number): void {
    this.#queuedBytes += bytes.length
    for (const [place, part] of this.#partsOf(bytes).entries()) {
      this.#queue.push({ kind: 'bytes', bytes: part, dueMs, apart: place > 0 })
    }
  }

  /** The bytes, cut at drawn places while a split is on. */
  #partsOf(bytes: Buffer): Buffer[] {
    const pieces = Math.min(bytes.length, Math.max(1, ...[...this.#splits].map((split) => split.pieces)))
    const places = new Set<number>()
    while (places.size < pieces - 1) places.add(this.#random.integer(1, bytes.length - 1))
    const ends = [...places].sort((one, other) => one - other)
    return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
  }

  #drawDelayMs(): number {
    let sum = 0
    for (const { delayMs, jitterMs } of this.#delays) sum += delayMs + this.#random.real() * jitterMs
    return sum + Math.max(0, ...[...this.#merges].map(({ withinMs }) => withinMs))
  }

  /** Sends what may pass now, and sets the time of the next attempt. */
  #pump(): void {
    clearTimeout(this.#timer)
    while (this.#queue.length > 0 && this.#stalls.size === 0 && !this.#waitsForDrain) {
      const waitMs = this.#waitMs(this.#queue[0] as Piece)
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), waitMs)
        break
      }
      this.#send(this.#queue.shift() as Piece)
    }
    if (this.#queuedBytes > windowBytes || this.#stalls.size > 0) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }

  #waitMs({ dueMs, kind, apart }: Piece): number {
    const freeMs = kind === 'bytes' && this.#rates.size > 0 ? this.#freeMs : 0
    // From when the last piece did pass: when this process was held up, both would be due at once.
    const apartFromMs = apart ? this.#sentMs + apartMs : 0
    return Math.ceil(Math.max(dueMs, freeMs, apartFromMs) - hrtimeMs())
  }

  #send(piece: Piece): void {
    if (piece.kind === 'reset') this.#to.resetAndDestroy()
    else if (piece.kind === 'end') this.#to.end()
    else this.#sendBytes(this.#merges.size === 0 ? piece.bytes : this.#withMerged(piece.bytes), piece.dueMs)
  }

  /** With all bytes that have come behind them by now. */
  #withMerged(bytes: Buffer): Buffer {
    const parts = [bytes]
    while (this.#queue[0]?.kind === 'bytes') parts.push((this.#queue.shift() as Piece & { kind: 'bytes' }).bytes)
    return Buffer.concat(parts)
  }

  #sendBytes(bytes: Buffer, dueMs: number): void {
    const uncut = bytes.subarray(0, this.#bytesUntilCut(bytes.length))
    const head = this.#rates.size === 0 ? uncut : this.#allowed(uncut)
    if (head.length < bytes.length) this.#queue.unshift({ kind: 'bytes', bytes: bytes.subarray(head.length), dueMs })
    this.#queuedBytes -= head.length
    this.#sentMs = hrtimeMs()
    // A socket that is gone takes nothing; its own error tells the other side.
    if (this.#to.writable) this.#waitsForDrain = !this.#to.write(head)
    this.#countDown(head.length, head.length === bytes.length)
  }

  #bytesUntilCut(length: number): number {
    return Math.min(length, ...[...this.#cuts].map(({ left, unit }) => (unit === 'bytes' ? left : length)))
  }

  #countDown(bytes: number, endsMessage: boolean): void {
    for (const cut of this.#cuts) {
      cut.left -= cut.unit === 'bytes' ? bytes : endsMessage ? 1 : 0
      if (cut.left <= 0) {
        this.#cuts.delete(cut)
        cut.end()
      }
    }
  }

  /** The first of the bytes, about a twentieth of a second's worth, and the time until the next may follow. */
  #allowed(bytes: Buffer): Buffer {
    const rate = Math.min(...[...this.#rates].map(({ bytesPerSecond }) => bytesPerSecond))
    const head = bytes.subarray(0, Math.max(1, Math.ceil(rate / 20)))
    this.#freeMs = hrtimeMs() + (head.length / rate) * 1000
    return head
  }

  #drop(): void {
    this.#queue = []
    this.#queuedBytes = 0
  }
}
