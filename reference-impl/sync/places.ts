// What a place says of its ticket, in the lower three bits; the ticket is in the others.
const FREE = 0
const WAITING = 1
const CALLED = 2
const LENT = 3
const WANTED = 4
const HANDED = 5
const GONE = 6
const STATE_BITS = 3
const STATE_MASK = 7

/** Words of one place: what it says, and how often its ticket's turn was lent. */
export const PLACE_WORDS = 2

/**
 * Where the tickets of a turnstile wait, in shared memory: ticket t uses place `t % count`. Whoever changes what a place
 * says does so by compare-and-exchange from what it said, so that of two that want different things one succeeds.
 *
 *     FREE ──take──▶ WAITING ──call──▶ CALLED ──claim──▶ FREE
 *                     │   │            │    ▲
 *                     │   claim       lend  return
 *                     │   ▼            ▼    │
 *                     │  FREE          LENT ──claim──▶ WANTED ──return──▶ HANDED ──claim──▶ FREE
 *                     │                                  │
 *                     └──────────give up──▶ GONE ◀───────┘      GONE ──call, return──▶ FREE, and the next is called
 *
 * A ticket that was called is inside, but its waiter may be fast asleep, and waking takes a busy machine up to several
 * milliseconds. Meanwhile its turn may be lent, a limited number of times, to callers that are awake: else everybody would
 * stand still for it, and a line once formed would never end (a lock convoy). A waiter that is awake says that it WANTS
 * its turn, and then is next.
 */
export class Places {
  readonly #words: Int32Array
  readonly #offset: number
  readonly #count: number

  /** The places are in `words` from `offset` on; their number must be a power of two, because tickets wrap around. */
  constructor(words: Int32Array, offset: number) {
    this.#words = words
    this.#offset = offset
    this.#count = (words.length - offset) / PLACE_WORDS
  }

  get count(): number {
    return this.#count
  }

  /** The word that a ticket's waiter sleeps on. */
  wordOf(ticket: number): number {
    return this.#offset + ((ticket >>> 0) % this.#count) * PLACE_WORDS
  }

  isFree(ticket: number): boolean {
    return (Atomics.load(this.#words, this.wordOf(ticket)) & STATE_MASK) === FREE
  }

  /** Lets a new ticket wait in its place. */
  take(ticket: number): void {
    const word = this.wordOf(ticket)
    const said = Atomics.load(this.#words, word)
    Atomics.store(this.#words, word + 1, 0)
    // If the place is taken by a later ticket already, then this one was admitted long ago, and needs none.
    if ((said & STATE_MASK) === FREE) Atomics.compareExchange(this.#words, word, said, waiting(ticket))
  }

  /** Tells a ticket's waiter that it is inside. False when it has given up. */
  call(ticket: number): boolean {
    if (!this.#turn(ticket, WAITING, CALLED) && this.#turn(ticket, GONE, FREE)) return false
    Atomics.notify(this.#words, this.wordOf(ticket))
    return true
  }

  /** The waiter of an admitted ticket goes in. False when its turn is lent; it has then said that it wants it. */
  claim(ticket: number): boolean {
    while (this.#isOf(ticket) && !this.#says(ticket, FREE)) {
      if (this.#turn(ticket, WAITING, FREE) || this.#turn(ticket, CALLED, FREE) || this.#turn(ticket, HANDED, FREE))
        break
      if (this.#turn(ticket, LENT, WANTED) || this.#says(ticket, WANTED)) return false
    }
    return true
  }

  /** The waiter gives up. False when that is too late: its turn has come. */
  giveUp(ticket: number): boolean {
    return this.#turn(ticket, WAITING, GONE) || this.#turn(ticket, WANTED, GONE)
  }

  /** Takes over the turn of a ticket whose waiter is still asleep, unless that happened `limit` times already. */
  borrow(ticket: number, limit: number): boolean {
    const lent = this.wordOf(ticket) + 1
    if (Atomics.load(this.#words, lent) >= limit || !this.#turn(ticket, CALLED, LENT)) return false
    Atomics.add(this.#words, lent, 1)
    return true
  }

  /** Gives a turn back to the ticket that it was borrowed from. False when its waiter has given up meanwhile. */
  giveBack(ticket: number): boolean {
    if (this.#turn(ticket, LENT, CALLED)) return true
    if (!this.#turn(ticket, WANTED, HANDED)) {
      this.#turn(ticket, GONE, FREE)
      return false
    }
    Atomics.notify(this.#words, this.wordOf(ticket))
    return true
  }

  /** Whether the place still is about this ticket, and not about a later one, which says that this one was admitted. */
  #isOf(ticket: number): boolean {
    return ((Atomics.load(this.#words, this.wordOf(ticket)) ^ (ticket << STATE_BITS)) & ~STATE_MASK) === 0
  }

  #says(ticket: number, what: number): boolean {
    return Atomics.load(this.#words, this.wordOf(ticket)) === says(what, ticket)
  }

  #turn(ticket: number, from: number, to: number): boolean {
    const said = Atomics.compareExchange(this.#words, this.wordOf(ticket), says(from, ticket), says(to, ticket))
    return said === says(from, ticket)
  }
}

/** What the place of a ticket says while it has not been called. */
export function waiting(ticket: number): number {
  return says(WAITING, ticket)
}

/** What the place of a ticket says while its turn is lent and its waiter awake. */
export function wanted(ticket: number): number {
  return says(WANTED, ticket)
}

function says(what: number, ticket: number): number {
  return (ticket << STATE_BITS) | what
}
