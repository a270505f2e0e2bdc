import type { Envelope } from '../event-loop/envelope.ts'
import type { LoopEvent } from '../event-loop/loop-event.ts'
import { Fiber } from '../fiber.ts'
import type { Operation } from '../operation.ts'
import type { Integer } from '../real-atomics.ts'
import type { KnownBuffers } from './known-buffers.ts'
import type { Mailbox } from './mailbox.ts'
import { NotOnWorkers } from './not-on-workers.ts'
import type { Note } from './note.ts'
import type { Request, SentEnvelope } from './request.ts'
import type { FromWorker, ToWorker } from './worker-thread.ts'

/** An operation that only says what it is, for the controller to make the real one. */
export interface Described extends Operation {
  readonly request: Request
  /** Changes the word; for an update only. */
  readonly change?: () => Integer
}

/** Thrown through the code of a worker whose schedule has ended before it. */
const givenUp = Object.freeze({ reason: 'the schedule has ended' })

interface WorkerFiberOptions {
  readonly mailbox: Mailbox
  readonly buffers: KnownBuffers
  readonly canBlock: boolean
  random(): number
}

/** The code of a thread in a worker of its own: it blocks at each operation until the controller answers. */
export class WorkerFiber extends Fiber {
  readonly #mailbox: Mailbox
  readonly #buffers: KnownBuffers
  readonly #random: () => number
  /** What has been noted since the controller heard something. */
  #noted: Note[] = []
  #isGivenUp = false
  #asks = 0

  constructor(thread: number, { mailbox, buffers, canBlock, random }: WorkerFiberOptions) {
    super(thread, () => undefined, { canBlock: () => canBlock })
    this.#mailbox = mailbox
    this.#buffers = buffers
    this.#random = random
  }

  override get isNew(): boolean {
    return !this.#isGivenUp
  }

  override get asks(): number {
    return this.#asks
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** Keeps something for the controller, which hears it with what is said next. */
  note(note: Note): void {
    this.#noted.push(note)
  }

  say(message: FromWorker): void {
    const noted = this.#noted
    this.#noted = []
    this.#mailbox.toController({ ...message, noted })
  }

  /** What the code has ended with, to be said. */
  threw(thrown: unknown): FromWorker {
    const { name, message } = thrown instanceof Error ? thrown : { name: 'ThreadAssertion', message: String(thrown) }
    return { says: 'threw', name, message }
  }

  override ask(what: string, index: number, declare: () => Operation): unknown {
    return this.declare(what, index, declare())
  }

  override declare(what: string, index: number, operation: Operation): unknown {
    this.pass()
    const { request, change } = operation as Partial<Described>
    if (request === undefined) throw new NotOnWorkers(`${what} has no counterpart there`)
    this.#asks++
    this.say({ says: 'asks', what, index, request, returned: this.returned })
    for (;;) {
      const told = this.#mailbox.fromController() as ToWorker
      if (told.told === 'answer') return this.#received(told.answer)
      if (told.told === 'give-up') return this.#giveUp(operation)
      this.say({ says: 'updated', value: change!() })
    }
  }

  override repeat(): never {
    throw givenUp
  }

  /** The controller itself ends a worker that comes to no operation. */
  override turn(): void {
    this.pass()
  }

  override pass(): void {
    if (this.#isGivenUp) throw givenUp
  }

  override draw<T>(make: () => T): T {
    this.pass()
    return make()
  }

  override random(): number {
    return this.draw(this.#random)
  }

  /** An answer, with the shared buffers of a message in place of their numbers. */
  #received(answer: unknown): unknown {
    const withBuffers = ({ bytes, shared }: SentEnvelope): Envelope => ({
      bytes,
      shared: shared.map((number) => this.#buffers.at(number)),
    })
    if (typeof answer !== 'object' || answer === null) return answer
    if ('bytes' in answer) return withBuffers(answer as SentEnvelope)
    const event = answer as LoopEvent
    return event.event === 'message' ? { ...event, envelope: withBuffers(event.envelope as never) } : event
  }

  #giveUp(operation: Operation): never {
    this.#isGivenUp = true
    this.pending = operation
    throw givenUp
  }
}
