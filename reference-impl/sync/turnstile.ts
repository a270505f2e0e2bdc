import type { Patience } from './patience.ts'
import { PLACE_WORDS, Places, waiting, wanted } from './places.ts'

// The words of the header; the places follow. See the drawing at Turnstile.
const NEXT = 0
const LEFT = 1
const PERMITS = 2
const WAITS = 3
const OUTSIDE = 4
const LENDS = 5
const HEADER_WORDS = 8

/** A waiter has nothing to wait for any more. */
const INSIDE = 'inside'

/** How long those outside wait at most before they look again whether a place is free. */
const OUTSIDE_MS = 20

/** How often a waiting event loop's timer would fire: it only keeps the loop alive. The longest that a timer can take. */
const KEEP_ALIVE_MS = 2 ** 31 - 1

export interface TurnstileOptions {
  /** What it is called in errors and probes. */
  name: string
  /** How many may be inside at once; 1 unless told otherwise. Of no effect on a given buffer. */
  permits?: number
  /** How many may be inside and in line, a power of two above `permits`; 1,024 unless told otherwise. */
  places?: number
  /**
   * How often the turn of a waiter that was called, but is still asleep, may be lent to others: 1,024 times with one permit,
   * never with several, unless told otherwise. 0 keeps strictly to the order of arrival. Of no effect on a given buffer.
   */
  lends?: number
  /** The memory of a turnstile made before, in this thread or another; new when it is left out. */
  buffer?: SharedArrayBuffer
}

/**
 * A line of tickets in shared memory: at most `permits` are inside, the others wait in the order in which they came,
 * worker threads (which block) and event loops (which must not) in the same line. It knows nothing of owners; the
 * re-entrant lock and the semaphore are built on it. A waiter that is called while it sleeps may be overtaken by callers
 * that are awake, but only so many times ({@link Places} says why); nobody is overtaken for ever.
 *
 *     word 0     NEXT      the ticket that the next caller will get
 *     word 1     LEFT      how many have left: ticket t may be inside as soon as t < LEFT + PERMITS
 *     word 2     PERMITS   how many may be inside at once
 *     word 3     WAITS     how many callers ever had to wait
 *     word 4     OUTSIDE   how many are waiting for a place, because all are taken
 *     word 5     LENDS     how often a turn may be lent
 *     word 6-7   unused
 *     word 8…    places    two words for each ticket in line; what they say is drawn at Places
 *
 *     tickets    … 40   41 │ 42   43 │ 44   45   46 │ 47 …
 *                 have left│ inside  │ wait in line │ not yet taken
 *                        LEFT  LEFT + PERMITS      NEXT
 *
 * Taking a free turnstile is one compare-and-exchange on NEXT, leaving one addition to LEFT; both wrap around after
 * 2³² tickets. Three rules make it lose nobody:
 *
 * - Who leaves admits exactly one ticket, LEFT + PERMITS - 1, and calls it if somebody has taken it.
 * - Who waits first says so in its place and then looks whether it is admitted already. So either the one that leaves
 *   sees the waiter, or the waiter sees LEFT.
 * - Who gives up and who calls both change what the place says. Only one succeeds: either the ticket is passed over and
 *   the next one is called, or the waiter learns that it is inside.
 *
 * When all places are taken, later callers wait outside until one is free; they are in no promised order.
 *
 * A worker that is terminated from outside, rather than asked to end, takes its ticket with it.
 */
export class Turnstile {
  readonly name: string
  readonly buffer: SharedArrayBuffer
  protected readonly words: Int32Array
  /** How many may be inside at once. */
  readonly permits: number
  readonly #lends: number
  readonly #places: Places
  /** Whoever is inside through this object came in on another's turn. */
  #borrowed = false
  /** A value that LEFT once had; usually the present one. */
  #lastLeft = 0

  constructor({ name, permits = 1, places = 1024, lends = permits === 1 ? 1024 : 0, buffer }: TurnstileOptions) {
    checkSizes(name, permits, places)
    this.name = name
    this.buffer = buffer ?? new SharedArrayBuffer((HEADER_WORDS + places * PLACE_WORDS) * Int32Array.BYTES_PER_ELEMENT)
    this.words = new Int32Array(this.buffer)
    if (buffer === undefined) {
      Atomics.store(this.words, PERMITS, permits)
      Atomics.store(this.words, LENDS, permits === 1 ? lends : 0)
    }
    this.permits = Atomics.load(this.words, PERMITS)
    this.#lends = Atomics.load(this.words, LENDS)
    this.#places = new Places(this.words, HEADER_WORDS)
  }

  /** How many callers of all threads ever had to wait. */
  get waits(): number {
    return Atomics.load(this.words, WAITS) >>> 0
  }

  /** How many of all threads are waiting in line right now. */
  get queue(): number {
    const inOrAfter = (Atomics.load(this.words, NEXT) - Atomics.load(this.words, LEFT)) | 0
    return Math.max(0, inOrAfter - this.permits)
  }

  /** How many are inside right now. */
  get inside(): number {
    const inOrAfter = (Atomics.load(this.words, NEXT) - Atomics.load(this.words, LEFT)) | 0
    return Math.min(inOrAfter, this.permits)
  }

  /** Goes in if nobody has to be waited for. */
  protected tryEnter(): boolean {
    // With one permit the turnstile is free only while NEXT equals LEFT. LEFT never exceeds NEXT and never goes back, so
    // if NEXT still is what LEFT was when this thread last looked, then LEFT is that too, and need not be read.
    if (this.permits === 1 && this.#takeIfNext(this.#lastLeft)) return true
    const left = Atomics.load(this.words, LEFT)
    const next = this.permits === 1 ? left : Atomics.load(this.words, NEXT)
    this.#lastLeft = left
    if (((next - left) | 0) < this.permits && this.#takeIfNext(next)) return true
    return this.#lends > 0 && this.#borrow(left)
  }

  /**
   * Event loop: waits in line without blocking the thread, and says when it stands there. Rejects when the patience ends, and
   * then holds nothing.
   */
  protected async enter(patience: Patience, inLine?: () => void): Promise<void> {
    if (patience.isOver()) throw patience.reason()
    Atomics.add(this.words, WAITS, 1)
    const ticket = this.#takeTicket() ?? (await this.#ticket(patience))
    inLine?.()
    for (let seen = this.look(ticket); seen !== INSIDE; seen = this.look(ticket)) {
      if (patience.isOver() && this.giveUp(ticket)) throw patience.reason()
      await this.#sleep(this.#places.wordOf(ticket), seen, patience)
    }
  }

  /** Worker thread: the same, blocking the thread. */
  protected enterSync(patience: Patience, inLine?: () => void): void {
    if (patience.isOver()) throw patience.reason()
    Atomics.add(this.words, WAITS, 1)
    const ticket = this.#takeTicket() ?? this.#ticketSync(patience)
    inLine?.()
    for (let seen = this.look(ticket); seen !== INSIDE; seen = this.look(ticket)) {
      if (patience.isOver() && this.giveUp(ticket)) throw patience.reason()
      this.park(this.#places.wordOf(ticket), seen, patience.remainingMs())
    }
  }

  /** Goes out, and calls the next in line that still waits. */
  protected leave(): void {
    if (this.#borrowed && this.#giveBack()) return
    for (;;) {
      const left = Atomics.add(this.words, LEFT, 1)
      const admitted = (left + this.permits) | 0
      this.#lastLeft = (left + 1) | 0
      if (((Atomics.load(this.words, NEXT) - admitted) | 0) <= 0) return
      const called = this.call(admitted)
      if (Atomics.load(this.words, OUTSIDE) > 0) Atomics.notify(this.words, LEFT)
      if (called) return
    }
  }

  /** Whether a ticket is inside now; else what its place said, so that its waiter can sleep until that changes. */
  protected look(ticket: number): number | typeof INSIDE {
    const isAdmitted = ((ticket - this.peek(LEFT)) | 0) < this.permits
    if (!isAdmitted) return waiting(ticket)
    return this.#places.claim(ticket) ? INSIDE : wanted(ticket)
  }

  /** What a word says that other threads change meanwhile. */
  protected peek(word: number): number {
    return Atomics.load(this.words, word)
  }

  /** Tells a ticket's waiter that it is inside. False when it has given up, and the next must be called instead. */
  protected call(ticket: number): boolean {
    return this.#places.call(ticket)
  }

  /** Gives a ticket back. False when that is too late: its turn has come, and its waiter must go in. */
  protected giveUp(ticket: number): boolean {
    return this.#places.giveUp(ticket)
  }

  /** Blocks the thread while the word still has the value that was seen. */
  protected park(word: number, seen: number, timeoutMs: number): void {
    Atomics.wait(this.words, word, seen, timeoutMs)
  }

  /**
   * Waits while the word still has the value that was seen, without blocking. A pending `Atomics.waitAsync` does not
   * keep Node alive, and a process that waits for a lock must not end as if it were done; so a timer does.
   */
  async #sleep(word: number, seen: number, patience: Patience, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    const wait = Atomics.waitAsync(this.words, word, seen, Math.min(mostMs, patience.remainingMs()))
    if (!wait.async) return
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS)
    const ignoreAbort = patience.onAbort(() => Atomics.notify(this.words, word))
    await wait.value
    ignoreAbort()
    clearInterval(keepAlive)
  }

  #takeIfNext(ticket: number): boolean {
    return Atomics.compareExchange(this.words, NEXT, ticket, (ticket + 1) | 0) === ticket
  }

  /** Goes in on the turn of the ticket that was called last, if its waiter is still asleep. */
  #borrow(ticket: number): boolean {
    if (!this.#places.borrow(ticket, this.#lends)) return false
    this.#borrowed = true
    return true
  }

  /** False when the waiter whose turn it was has given up, so that the turn is over. */
  #giveBack(): boolean {
    this.#borrowed = false
    return this.#places.giveBack(Atomics.load(this.words, LEFT))
  }

  /** Takes the next ticket and says that it waits; undefined when all places are taken. */
  #takeTicket(): number | undefined {
    for (;;) {
      const next = Atomics.load(this.words, NEXT)
      const ahead = (next - Atomics.load(this.words, LEFT)) | 0
      if (ahead >= this.#places.count || !this.#places.isFree(next)) return undefined
      if (!this.#takeIfNext(next)) continue
      this.#places.take(next)
      return next
    }
  }

  /** Waits outside for a ticket. */
  async #ticket(patience: Patience): Promise<number> {
    Atomics.add(this.words, OUTSIDE, 1)
    try {
      for (;;) {
        const left = Atomics.load(this.words, LEFT)
        const ticket = this.#takeTicket()
        if (ticket !== undefined) return ticket
        if (patience.isOver()) throw patience.reason()
        await this.#sleep(LEFT, left, patience, OUTSIDE_MS)
      }
    } finally {
      Atomics.sub(this.words, OUTSIDE, 1)
    }
  }

  /** The same, blocking the thread. */
  #ticketSync(patience: Patience): number {
    Atomics.add(this.words, OUTSIDE, 1)
    try {
      for (;;) {
        const left = Atomics.load(this.words, LEFT)
        const ticket = this.#takeTicket()
        if (ticket !== undefined) return ticket
        if (patience.isOver()) throw patience.reason()
        this.park(LEFT, left, Math.min(OUTSIDE_MS, patience.remainingMs()))
      }
    } finally {
      Atomics.sub(this.words, OUTSIDE, 1)
    }
  }
}

function checkSizes(name: string, permits: number, places: number): void {
  if (!(Number.isInteger(permits) && permits >= 1)) {
    throw new RangeError(`${name}: expected permits to be a whole number of at least 1, got ${permits}`)
  }
  if (!(places > permits && Number.isInteger(Math.log2(places)))) {
    throw new RangeError(`${name}: expected places to be a power of two above permits (${permits}), got ${places}`)
  }
}
