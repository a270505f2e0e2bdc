import { placeIn } from '../../stack-place.ts'

/** Where and when something was opened. */
export interface Opening {
  /** The line of code that did it, see {@link placeIn}. */
  readonly place: string | undefined
  readonly openedAtMs: number
}

/** How far up a place is looked for: what opens a socket is often deep below what asked for it. */
const frames = 50

/**
 * Where each thing of a schedule was opened. A stack costs as much as dozens of events, so that nothing is noted unless it is
 * asked for, as in the repetition of a schedule that has left something behind. Noting changes nothing in the schedule.
 */
export class Openings {
  readonly #nowMs: () => number
  /** Undefined unless places are kept. */
  readonly #known: WeakMap<object, Opening> | undefined

  constructor(isKept: boolean, nowMs: () => number) {
    this.#nowMs = nowMs
    this.#known = isKept ? new WeakMap() : undefined
  }

  /** Notes that the code that runs now has opened it. */
  note(thing: object): void {
    this.#known?.set(thing, { place: callerPlace(), openedAtMs: this.#nowMs() })
  }

  /** Notes that it was opened now on behalf of what is known already, as a connection is for its server. */
  noteFor(thing: object, origin: object): void {
    this.#known?.set(thing, { place: this.#known.get(origin)?.place, openedAtMs: this.#nowMs() })
  }

  /** What is known of it: nothing, unless places are kept. */
  of(thing: object): Opening | undefined {
    return this.#known?.get(thing)
  }
}

function callerPlace(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = frames
  const { stack = '' } = new Error('place')
  Error.stackTraceLimit = stackTraceLimit
  return placeIn(stack)
}
