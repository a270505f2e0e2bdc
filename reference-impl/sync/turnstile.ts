import type { Patience } from './patience.ts'

// The words of the header; the places follow. See the drawing at Turnstile.
const NEXT = 0
const LEFT = 1
const PERMITS = 2
const WAITS = 3
const OUTSIDE = 4
const HEADER_WORDS = 8

// What a place says of its ticket; 0 says nothing yet.
const WAITING = 1
const CALLED = 2
const GONE = 3

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
  /** The memory of a turnstile made before, in this thread or another; new when it is left out. */
  buffer?: SharedArrayBuffer
}

/**
 * A line of tickets in shared memory: at most `permits` are inside, the others wait in the order in which they came,
 * worker threads (which block) and event loops (which must not) in the same line. It knows nothing of owners; the
 * re-entrant lock and the semaphore are built on it.
 *
 *     word 0     NEXT      the ticket that the next caller will get
 *     word 1     LEFT      how many have left: ticket t may be inside as soon as t < LEFT + PERMITS
 *     word 2     PERMITS   how many may be inside at once
 *     word 3     WAITS     how many callers ever had to wait
 *     word 4     OUTSIDE   how many are waiting for a place, because all are taken
 *     word 5-7   unused
 *     word 8…    places    place `t % places` says of ticket t: WAITING, CALLED or GONE, with t in the upper 30 bits;
 *                          a place that says CALLED, or nothing yet, is free for the next ticket
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
 * - Who gives up turns WAITING into GONE, and who calls turns WAITING into CALLED. Only one of the two succeeds: either
 *   the ticket is passed over and the next one is called, or the waiter learns that it is inside.
 *
 * When all places are taken, later callers wait outside until one is free; they are in no promised order.
 *
 * A worker that is terminated from outside, rather than asked to end, takes its ticket with it.
 */
export class Turnstile {
  readonly name: string
  readonly buffer: SharedArrayBuffer
  protected readonly words: Int32Array
  readonly #permits: number
  readonly #places: number
  /** A value that LEFT once had; usually the present one. */
  #lastLeft = 0

  constructor({ name, permits = 1, places = 1024, buffer }: TurnstileOptions) {
    if (!(Number.isInteger(permits) && permits >= 1)) {
      throw new RangeError(`${name}: expected permits to be a whole number of at least 1, got ${permits}`)
    }
    if (!(places > permits && Number.isInteger(Math.log2(places)))) {
      throw new RangeError(`${name}: expected places to be a power of two above permits (${permits}), got ${places}`)
    }
    this.name = name
    this.buffer = buffer ?? new SharedArrayBuffer((HEADER_WORDS + places) * Int32Array.BYTES_PER_ELEMENT)
    this.words = new Int32Array(this.buffer)
    if (buffer === undefined) Atomics.store(this.words, PERMITS, permits)
    this.#permits = Atomics.load(this.words, PERMITS)
    this.#places = this.words.length - HEADER_WORDS
  }

  /** How many callers of all threads ever had to wait. */
  get waits(): number {
    return Atomics.load(this.words, WAITS) >>> 0
  }

  /** How many of all threads are waiting in line right now. */
  get queue(): number {
    const inOrAfter = (Atomics.load(this.words, NEXT) - Atomics.load(this.words, LEFT)) | 0
    return Math.max(0, inOrAfter - this.#permits)
  }

  /** How many are inside right now. */
  get inside(): number {
    const inOrAfter = (Atomics.load(this.words, NEXT) - Atomics.load(this.words, LEFT)) | 0
    return Math.min(inOrAfter, this.#permits)
  }

  /** Goes in if nobody has to be waited for. */
  protected tryEnter(): boolean {
    // With one permit the turnstile is free only while NEXT equals LEFT. LEFT never exceeds NEXT and never goes back, so
    // if NEXT still is what LEFT was when this thread last looked, then LEFT is that too, and need not be read.
    if (this.#permits === 1 && this.#takeIfNext(this.#lastLeft)) return true
    const left = Atomics.load(this.words, LEFT)
    const next = this.#permits === 1 ? left : Atomics.load(this.words, NEXT)
    this.#lastLeft = left
    return ((next - left) | 0) < this.#permits && this.#takeIfNext(next)
  }

  /** Event loop: waits in line without blocking the thread. Rejects when the patience ends, and then holds nothing. */
  protected async enter(patience: Patience): Promise<void> {
    if (patience.isOver()) throw patience.reason()
    Atomics.add(this.words, WAITS, 1)
    const ticket = this.#takeTicket() ?? (await this.#ticket(patience))
    while (!this.admitted(ticket)) {
      if (patience.isOver() && this.giveUp(ticket)) throw patience.reason()
      await this.#sleep(this.#placeOf(ticket), says(WAITING, ticket), patience)
    }
    this.#freePlace(ticket)
  }

  /** Worker thread: waits in line, blocking the thread. Throws when the patience ends, and then holds nothing. */
  protected enterSync(patience: Patience): void {
    if (patience.isOver()) throw patience.reason()
    Atomics.add(this.words, WAITS, 1)
    const ticket = this.#takeTicket() ?? this.#ticketSync(patience)
    while (!this.admitted(ticket)) {
      if (patience.isOver() && this.giveUp(ticket)) throw patience.reason()
      this.park(this.#placeOf(ticket), says(WAITING, ticket), patience.remainingMs())
    }
    this.#freePlace(ticket)
  }

  /** Goes out, and calls the next in line that still waits. */
  protected leave(): void {
    for (;;) {
      const left = Atomics.add(this.words, LEFT, 1)
      const admitted = (left + this.#permits) | 0
      this.#lastLeft = (left + 1) | 0
      if (((Atomics.load(this.words, NEXT) - admitted) | 0) <= 0) return
      const called = this.call(admitted)
      if (Atomics.load(this.words, OUTSIDE) > 0) Atomics.notify(this.words, LEFT)
      if (called) return
    }
  }

  /** Whether a ticket may be inside. */
  protected admitted(ticket: number): boolean {
    return ((ticket - Atomics.load(this.words, LEFT)) | 0) < this.#permits
  }

  /** Tells a ticket's waiter that it is inside. False when it has given up, and the next must be called instead. */
  protected call(ticket: number): boolean {
    const place = this.#placeOf(ticket)
    const said = Atomics.compareExchange(this.words, place, says(WAITING, ticket), says(CALLED, ticket))
    if (said === says(GONE, ticket)) {
      Atomics.store(this.words, place, says(CALLED, ticket))
      return false
    }
    Atomics.notify(this.words, place)
    return true
  }

  /** Gives a ticket back. False when it was called before: its waiter is inside, and must leave. */
  protected giveUp(ticket: number): boolean {
    return this.#turns(ticket, WAITING, GONE)
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

  /** Takes the next ticket and says that it waits; undefined when all places are taken. */
  #takeTicket(): number | undefined {
    for (;;) {
      const next = Atomics.load(this.words, NEXT)
      const place = this.#placeOf(next)
      const said = Atomics.load(this.words, place)
      const isFull = ((next - Atomics.load(this.words, LEFT)) | 0) >= this.#places
      if (isFull || (said & 3) === WAITING || (said & 3) === GONE) return undefined
      if (!this.#takeIfNext(next)) continue
      // This fails only if the ticket was admitted, and its place given to a later one, before this thread went on.
      Atomics.compareExchange(this.words, place, said, says(WAITING, next))
      return next
    }
  }

  /** A waiter that finds itself admitted needs its place no more; who calls it may be slower, or have come before it. */
  #freePlace(ticket: number): void {
    this.#turns(ticket, WAITING, CALLED)
  }

  /** Changes what a place says of a ticket, if it says that. */
  #turns(ticket: number, from: number, to: number): boolean {
    const said = Atomics.compareExchange(this.words, this.#placeOf(ticket), says(from, ticket), says(to, ticket))
    return said === says(from, ticket)
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

  #placeOf(ticket: number): number {
    return HEADER_WORDS + ((ticket >>> 0) % this.#places)
  }
}

function says(what: number, ticket: number): number {
  return (ticket << 2) | what
}
