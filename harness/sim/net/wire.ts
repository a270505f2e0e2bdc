import type { SimEvent } from '../core/event.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import { Lane } from '../core/lane.ts'
import type { Simulation } from '../core/simulation.ts'
import type { Cargo } from './cargo.ts'
import { type Imposition, isHeld, ofKind } from './imposition.ts'
import { nextAttemptMs } from './retransmission.ts'

/** The most that one read takes. */
const readBytes = 64 * 1024

/** A part of what was sent, which passes at its due time but never before the one in front of it. */
interface Piece {
  readonly cargo: Cargo
  bytes: Uint8Array
  readonly sentMs: number
  dueMs: number
  /** Whether it waits until the piece before it was read. */
  isApart: boolean
  /** Whether a write ends with it. */
  readonly isLast: boolean
}

/**
 * One direction of a connection, between the sender's kernel and the receiver's inbox. Nothing stays here unless a fault is
 * in force; then everything waits its turn, FIN and RST too, so that no fault can change the order of what was sent:
 *
 *     write ──▶ [ piece, piece, … ] ──▶ inbox ──▶ read
 *
 * All that chance decides is drawn from the seed, the name of the wire and the number of the write, so that one fault does
 * not shift the draws of another.
 */
export class Wire {
  readonly key: string
  readonly #simulation: Simulation
  #imposed: Imposition[] = []
  #queue: Piece[] = []
  /** `swallows`: the receiver hears nothing any more; `gone`: and the sender is told so when it writes. */
  #state: 'open' | 'swallows' | 'gone' = 'open'
  #answer: () => void = () => {}
  /** How many there were; the draws of a write belong to its number. */
  #writes = 0
  #moves = 0
  #nextMove: SimEvent | undefined
  /** When the throttle lets the next bytes pass. */
  #freeMs = 0

  constructor(simulation: Simulation, key: string) {
    this.#simulation = simulation
    this.key = key
  }

  /**
   * Takes a write of bytes into account, and says whether they arrive at once, in the receiver's own time; otherwise they are
   * to be sent by {@link send}. Most wires have no fault, and need nothing else.
   */
  letsThrough(): boolean {
    this.#writes++
    return this.#isClear
  }

  send(cargo: Cargo): void {
    if (this.#isClear || this.#isAgreed(cargo)) cargo.arrive(cargo.bytes)
    else if (this.#state === 'open') this.#enqueue(cargo)
    else if (this.#state === 'gone' && cargo.kind === 'bytes') this.#answer()
  }

  get #isClear(): boolean {
    return this.#imposed.length === 0 && this.#queue.length === 0 && this.#state === 'open'
  }

  /** The receiver has read something: what was to be a read of its own may follow. */
  hasRead(): void {
    const head = this.#queue[0]
    if (head === undefined || !head.isApart) return
    head.isApart = false
    this.#moveOn()
  }

  /** Returns what takes it back. */
  impose(imposition: Imposition): () => void {
    this.#simulation.touchEverything()
    this.#imposed.push(imposition)
    return () => this.#heal(imposition)
  }

  /** Swallows everything from now on, and what is under way. */
  swallow(): void {
    this.#close('swallows')
  }

  /** The same, but bytes that are sent are answered, as a kernel answers those for a socket that is gone. */
  cut(answer: () => void): void {
    this.#answer = answer
    this.#close('gone')
  }

  /** The kernels have shaken hands when a connection is first seen; what ends it then is heard of after that. */
  #isAgreed({ kind }: Cargo): boolean {
    return kind === 'handshake' && this.#state !== 'open'
  }

  #close(state: 'swallows' | 'gone'): void {
    this.#simulation.touchEverything()
    const lost = this.#queue
    this.#state = state
    this.#queue = []
    this.#imposed = []
    this.#cancelMove()
    for (const { cargo, bytes } of lost) if (this.#isAgreed(cargo)) cargo.arrive(bytes)
  }

  #heal(imposition: Imposition): void {
    this.#simulation.touchEverything()
    const place = this.#imposed.indexOf(imposition)
    if (place < 0) return
    this.#imposed.splice(place, 1)
    const head = this.#queue[0]
    if (imposition.kind === 'partition' && head !== undefined) this.#resend(head)
    if (imposition.kind === 'throttle') this.#freeMs = 0
    this.#moveOn()
  }

  /** What was lost comes when TCP sends it again: from the first of it on, so that the first tells when. */
  #resend(head: Piece): void {
    const phase = head.cargo.kind === 'handshake' ? 'opening' : 'established'
    head.dueMs = Math.max(head.dueMs, nextAttemptMs(head.sentMs, this.#simulation.nowMs, phase))
  }

  #enqueue(cargo: Cargo): void {
    // An RST is sent once. Whoever has missed it learns from the answer to what it sends itself.
    if (cargo.kind === 'reset' && ofKind(this.#imposed, 'partition').length > 0) return
    const { nowMs } = this.#simulation
    const parts = this.#partsOf(cargo)
    const dueMs = nowMs + this.#delayMs()
    for (const [place, bytes] of parts.entries()) {
      const isLast = place === parts.length - 1
      this.#queue.push({ cargo, bytes, sentMs: nowMs, dueMs, isApart: place > 0, isLast })
    }
    this.#moveOn()
  }

  /** The pieces in which a write arrives, cut at drawn places. */
  #partsOf({ kind, bytes }: Cargo): Uint8Array[] {
    const pieces = Math.max(1, ...ofKind(this.#imposed, 'split').map((split) => split.pieces))
    const places = new Set<number>()
    for (let draw = 0; kind === 'bytes' && places.size < Math.min(pieces, bytes.length) - 1; draw++) {
      places.add(1 + (this.#draw(`split ${draw}`) % (bytes.length - 1)))
    }
    const ends = [...places].sort((one, other) => one - other)
    return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
  }

  #delayMs(): number {
    let sumMs = 0
    for (const { delayMs, jitterMs } of ofKind(this.#imposed, 'delay')) {
      sumMs += delayMs + Math.round((this.#draw('jitter') / 2 ** 32) * jitterMs)
    }
    return sumMs + Math.max(0, ...ofKind(this.#imposed, 'merge').map(({ withinMs }) => withinMs))
  }

  #draw(what: string): number {
    return keyedHash(this.#simulation.seed, `${this.key} ${what}`, this.#writes)
  }

  /** Lets everything pass that may, and sets the time of the next attempt. */
  #moveOn(): void {
    this.#simulation.touch(this.key)
    this.#cancelMove()
    while (this.#queue.length > 0 && !isHeld(this.#imposed)) {
      const head = this.#queue[0] as Piece
      if (head.isApart) return
      const waitMs = this.#readyMs(head) - this.#simulation.nowMs
      if (waitMs > 0) {
        this.#moveIn(waitMs)
        return
      }
      this.#pass()
    }
  }

  #readyMs({ cargo, dueMs }: Piece): number {
    return cargo.kind === 'bytes' ? Math.max(dueMs, this.#freeMs) : dueMs
  }

  #moveIn(delayMs: number): void {
    const lane = new Lane(`${this.key} wire#${++this.#moves}`, this.#simulation.nodeNamed('network'), 'poll')
    const run = () => {
      this.#nextMove = undefined
      this.#moveOn()
    }
    this.#nextMove = this.#simulation.push(lane, { label: 'passes', delayMs, run })
  }

  #cancelMove(): void {
    if (this.#nextMove !== undefined) this.#simulation.cancel(this.#nextMove)
    this.#nextMove = undefined
  }

  #pass(): void {
    const piece = this.#queue.shift() as Piece
    if (piece.cargo.kind !== 'bytes') {
      piece.cargo.arrive(piece.bytes)
      return
    }
    const allowed = this.#allowedBytes(piece.bytes.length)
    const isWhole = allowed === piece.bytes.length
    if (!isWhole) this.#queue.unshift({ ...piece, bytes: piece.bytes.subarray(allowed) })
    piece.cargo.arrive(isWhole ? this.#withMerged(piece.bytes) : piece.bytes.subarray(0, allowed))
    this.#countDown(allowed, isWhole && piece.isLast)
  }

  /** How many of the bytes may pass at once: about a twentieth of a second's worth of a throttle, and none after a cut. */
  #allowedBytes(length: number): number {
    let allowed = length
    for (const { left, unit } of ofKind(this.#imposed, 'cut')) if (unit === 'bytes') allowed = Math.min(allowed, left)
    const throttles = ofKind(this.#imposed, 'throttle')
    if (throttles.length === 0) return allowed
    const rate = Math.min(...throttles.map(({ bytesPerSecond }) => bytesPerSecond))
    allowed = Math.min(allowed, Math.max(1, Math.ceil(rate / 20)))
    this.#freeMs = this.#simulation.nowMs + Math.ceil((allowed / rate) * 1000)
    return allowed
  }

  /** With what else has been written by now and is to arrive in the same read. */
  #withMerged(bytes: Uint8Array): Uint8Array {
    if (ofKind(this.#imposed, 'merge').length === 0 || ofKind(this.#imposed, 'cut').length > 0) return bytes
    const parts = [bytes]
    let size = bytes.length
    for (let next = this.#queue[0]; next?.cargo.kind === 'bytes'; next = this.#queue[0]) {
      if (next.isApart || size + next.bytes.length > readBytes) break
      parts.push(next.bytes)
      size += next.bytes.length
      this.#queue.shift()
    }
    return parts.length === 1 ? bytes : Buffer.concat(parts)
  }

  #countDown(bytes: number, endsMessage: boolean): void {
    for (const cut of ofKind(this.#imposed, 'cut')) {
      cut.left -= cut.unit === 'bytes' ? bytes : endsMessage ? 1 : 0
      if (cut.left <= 0) cut.end()
    }
  }
}
