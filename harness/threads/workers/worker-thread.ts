import type { Engine } from '../engine.ts'
import type { Envelope } from '../event-loop/envelope.ts'
import type { LoopEvent } from '../event-loop/loop-event.ts'
import type { LoopModel } from '../event-loop/loop-model.ts'
import type { Operation } from '../operation.ts'
import type { Integer } from '../real-atomics.ts'
import { ThreadAssertion } from '../replay-fibers.ts'
import type { ScheduledThread } from '../schedule.ts'
import type { KnownBuffers } from './known-buffers.ts'
import type { Mailbox } from './mailbox.ts'
import { NotOnWorkers } from './not-on-workers.ts'
import type { Note } from './note.ts'
import { operationOf, type Request } from './request.ts'

/** What a worker says. */
export type FromWorker =
  | {
      readonly says: 'asks'
      readonly what: string
      readonly index: number
      readonly request: Request
      readonly returned: unknown
    }
  | { readonly says: 'updated'; readonly value: Integer }
  | { readonly says: 'ended'; readonly returned: unknown }
  | { readonly says: 'threw'; readonly name: string; readonly message: string }
  | { readonly says: 'given-up' }

/** What a worker is told: the answer to its operation, that it is its turn to do it, or that the schedule has ended. */
export type ToWorker =
  | { readonly told: 'answer'; readonly answer: unknown }
  | { readonly told: 'update' }
  | { readonly told: 'give-up' }

/** The same with what the worker has noted since it said something last. */
type Heard = FromWorker & { readonly noted: readonly Note[] }

type Asks = Extract<FromWorker, { says: 'asks' }>

interface Parts {
  readonly engine: Engine
  readonly loops: LoopModel
  readonly buffers: KnownBuffers
  readonly mailbox: Mailbox
  /** How long the worker may run between two operations. */
  readonly patienceMs: number
  /** Told what the worker has noted, before what it says with that. */
  noted(note: Note): void
}

/** A worker has come to no operation for longer than it may. */
export class LostWorker extends Error {
  readonly thread: number

  constructor(thread: number, patienceMs: number, asked: string) {
    super(
      `the worker of thread ${thread} has come to no operation for ${patienceMs / 1_000} s after ${asked || 'its start'}: ` +
        'expected it to ask for one or to end; it blocks outside of Atomics, or turns in an endless loop',
    )
    this.name = 'LostWorker'
    this.thread = thread
  }
}

/** A thread of a schedule that a real worker runs: it blocks at each operation until that has been scheduled. */
export class WorkerThread implements ScheduledThread {
  readonly thread: number
  readonly answers: unknown[] = []
  readonly place = null
  pending: Operation | null = null
  returned: unknown
  /** The worker has not come back: it must be replaced. */
  isLost = false
  #asked = ''
  #hasBegun = false
  readonly #parts: Parts

  constructor(thread: number, parts: Parts) {
    this.thread = thread
    this.#parts = parts
  }

  get asked(): string {
    return this.#asked
  }

  answer(answer: unknown): void {
    this.answers.push(answer)
  }

  advance(): void {
    if (this.#hasBegun) this.#tell({ told: 'answer', answer: sent(this.answers.at(-1), this.#parts.buffers) })
    this.#hasBegun = true
    this.pending = null
    this.#hear()
  }

  /** Ends the worker's part in the schedule, wherever it is. */
  giveUp(): void {
    try {
      const asks = this.#hasBegun ? this.pending !== null : this.#next().says === 'asks'
      if (!asks || this.isLost) return
      this.#tell({ told: 'give-up' })
      if (this.#next().says !== 'given-up') this.isLost = true
    } catch {
      // It has not come back, and counts as lost.
    }
  }

  #hear(): void {
    const message = this.#next()
    for (const note of message.noted) this.#parts.noted(note)
    if (message.says === 'threw') throw thrownBy(message)
    if (message.says === 'asks') this.#declare(message)
    else if (message.says === 'ended') this.returned = message.returned
    else throw new Error(`expected a worker to ask for an operation or to end, it says '${message.says}'`)
  }

  #declare({ what, index, request, returned }: Asks): void {
    this.#asked = `${what} [${index}]`
    this.returned = returned
    const { engine, loops, buffers } = this.#parts
    this.pending = operationOf(request, { thread: this.thread, engine, loops, buffers, update: () => this.#update() })
  }

  /** The worker itself changes the word, for real. */
  #update(): Integer {
    this.#tell({ told: 'update' })
    const message = this.#next()
    if (message.says === 'updated') return message.value
    throw new Error(`expected a worker to have changed a word, it says '${message.says}'`)
  }

  #tell(message: ToWorker): void {
    this.#parts.mailbox.toWorker(message)
  }

  #next(): Heard {
    const { mailbox, patienceMs } = this.#parts
    const message = mailbox.fromWorker(patienceMs) as Heard | undefined
    if (message !== undefined) return message
    this.isLost = true
    throw new LostWorker(this.thread, patienceMs, this.#asked)
  }
}

function thrownBy({ name, message }: Extract<FromWorker, { says: 'threw' }>): Error {
  if (name === 'NotOnWorkers') return new NotOnWorkers(message)
  return name === 'ThreadAssertion' ? new ThreadAssertion(message) : Object.assign(new Error(message), { name })
}

/** An answer as it can be sent: messages name their shared buffers by number. */
function sent(answer: unknown, buffers: KnownBuffers): unknown {
  const withNumbers = ({ bytes, shared }: Envelope) => ({
    bytes,
    shared: shared.map((buffer) => buffers.numberOf(buffer)),
  })
  if (isEnvelope(answer)) return withNumbers(answer)
  const event = answer as LoopEvent | null | undefined
  return event?.event === 'message' ? { ...event, envelope: withNumbers(event.envelope) } : answer
}

function isEnvelope(answer: unknown): answer is Envelope {
  return typeof answer === 'object' && answer !== null && 'bytes' in answer
}
