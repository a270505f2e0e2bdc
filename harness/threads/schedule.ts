import { Unforeseen } from './ahead.ts'
import type { Engine } from './engine.ts'
import { isArrival, type LoopEvent } from './event-loop/loop-event.ts'
import type { Fiber, FiberOptions, Scheduler } from './fiber.ts'
import { type Operation, type OperationKind, Parked } from './operation.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { Trail } from './trail.ts'

/**
 * How a schedule ended: all threads done, some waiting for ever, given up as a repetition, something thrown, or more
 * steps than it may have.
 */
export type Ending = 'done' | 'deadlock' | 'redundant' | 'thrown' | 'too-long'

export interface ScheduleResult {
  readonly ending: Ending
  /** The thread of each step; replaying these repeats the schedule. */
  readonly choices: readonly number[]
  /** What the operations of each thread answered. */
  readonly answers: readonly (readonly unknown[])[]
  /** The operations that were not performed, one for each thread that has not ended. */
  readonly pending: readonly Operation[]
  /** What each thread returned; undefined for those that have not ended. */
  readonly returned: readonly unknown[]
  readonly thrown?: unknown
}

/** A thread as a schedule sees it, whatever runs its code. */
export interface ScheduledThread {
  readonly thread: number
  /** What it does next; null when it has ended. */
  pending: Operation | null
  readonly answers: readonly unknown[]
  readonly returned: unknown
  /** What the pending operation is called in the code. */
  readonly asked: string
  /** Where the pending operation was asked for. */
  readonly place: string | null
  /** The pending operation has been performed. */
  answer(answer: unknown): void
  /** Lets the code go on, up to its next operation or its end. Throws what it throws. */
  advance(): void
}

export interface ScheduleOptions extends FiberOptions {
  /** How many steps a schedule may have; 10,000 unless told otherwise. */
  steps?: number
  /** Told of each operation after it was performed, with its answer. */
  performed?(operation: Operation, answer: unknown, thread: ScheduledThread): void
  /** Threads beside those of the program, with the numbers after theirs, that only decide in which order events come. */
  couriers?: readonly ScheduledThread[]
  /**
   * Advances a thread while the code of another waits for its turn below it on the stack, and so need not be run again.
   * Left out where no code can wait there.
   */
  above?(thread: ScheduledThread): void
  /** Whether for now no code can wait on the stack. */
  staysFlat?(): boolean
  /** What the schedule before has left; only where nobody else makes shared buffers than who made those. */
  trail?: Trail | null
}

const modelledKinds: ReadonlySet<OperationKind> = new Set([
  'lock',
  'try-lock',
  'unlock',
  'signal',
  'acquire',
  'release',
  'post',
])

/** How many threads may wait below another on the stack. */
const waitingMax = 8

/** How often threads that only repeat themselves are let go on, when nobody else can. */
const insistencesMax = 1_000

/** One schedule, as it goes: gives threads their turns as the strategy picks them, whatever runs their code. */
export class Schedule implements Scheduler {
  readonly #engine: Engine
  readonly #strategy: Strategy
  readonly #options: ScheduleOptions
  readonly #steps: number
  readonly #trail: Trail | null
  /** The threads are ahead of their turns in the steps that were foretold. */
  #isAhead = false
  /** Those of the program, and the couriers behind them. */
  #fibers: readonly ScheduledThread[] = []
  readonly #choices: number[] = []
  /** One operation for each thread that has not ended. */
  readonly #pending: Operation[] = []
  readonly #enabled: Operation[] = []
  /** The operation of a step that was foretold. */
  readonly #only: Operation[] = []
  /** The threads whose code waits on the stack for its turn, the lowest first. */
  readonly #waiting: number[] = []
  #insistences = 0
  #ending: Ending | null = null
  #thrown: unknown
  /** Who takes the next step; null when that is not known yet. */
  #next: Operation | null = null
  /** How many threads have begun. Nobody takes a step before all have come to their first operation. */
  #begun = 0

  constructor(engine: Engine, strategy: Strategy, options: ScheduleOptions) {
    this.#engine = engine
    this.#strategy = strategy
    this.#options = options
    this.#steps = options.steps ?? 10_000
    this.#trail = options.trail ?? null
  }

  run(threads: readonly ScheduledThread[]): ScheduleResult {
    const { couriers = [] } = this.#options
    this.#fibers = couriers.length === 0 ? threads : [...threads, ...couriers]
    this.#isAhead = this.#trail !== null && this.#trail.steps > 0
    try {
      this.#strategy.begin()
      for (let fiber = this.#upNext(); fiber !== null; fiber = this.#upNext()) {
        if (this.#admitted(fiber)) fiber.advance()
      }
    } catch (thrown) {
      this.#fail(thrown)
    }
    const [ending, choices, pending] = [this.#ending!, this.#choices, pendingOf(this.#fibers)]
    return new EndedSchedule(threads, { ending, choices, pending, thrown: this.#thrown })
  }

  /**
   * The thread has come to an operation: performs it, if its turn comes before the thread has to leave the stack. What
   * fails is no affair of the thread's code.
   */
  goesOn(own: Fiber): boolean {
    // Whatever a thread makes of being suspended and run again shows at its first operation.
    if (own.asks === 0 && !this.#mayStack()) return false
    try {
      for (let fiber = this.#upNext(); fiber !== null; fiber = this.#upNext()) {
        if (fiber !== own && !this.#canRunAbove(fiber)) return false
        if (!this.#admitted(fiber)) continue
        if (fiber === own) return true
        this.#runAbove(fiber, own)
      }
    } catch (thrown) {
      this.#fail(thrown)
    }
    return false
  }

  /** Whose turn it is: a thread that has not begun, or the one that the strategy picks; null when the schedule has ended. */
  #upNext(): ScheduledThread | null {
    if (this.#ending !== null) return null
    if (this.#begun < this.#fibers.length) return this.#fibers[this.#beginner()]!
    this.#next ??= this.#isAhead ? this.#catchUp(this.#trail!) : this.#choose()
    return this.#next === null ? null : this.#fibers[this.#next.thread]!
  }

  /** Who begins next. When threads run ahead, the one that takes the first new step comes last, and so can go on at once. */
  #beginner(): number {
    if (!this.#isAhead) return this.#begun
    const last = this.#trail!.foretold.at(-1)!
    return this.#begun === this.#fibers.length - 1 ? last : this.#begun + (this.#begun < last ? 0 : 1)
  }

  /** Performs the steps that were foretold, whose code has run. Answers the operation that goes next. */
  #catchUp(trail: Trail): Operation | null {
    this.#isAhead = false
    const fibers = this.#fibers as readonly Fiber[]
    trail.restore(0)
    for (const fiber of fibers) fiber.declareNext()
    for (let step = 0; step < trail.steps; step++) {
      const fiber = fibers[trail.foretold[step]!]!
      if (this.#performed(fiber, this.#follow(fiber))) fiber.declareNext()
      trail.restore(step + 1)
    }
    for (const fiber of fibers) fiber.caughtUp()
    return this.#pick()
  }

  /** The operation of a thread whose step was foretold, so that no other is looked at. */
  #follow({ thread, pending }: ScheduledThread): Operation {
    const isAble = pending?.enabled() === true
    if (!isAble) this.#insistences++
    const operation = isAble ? pending : pending?.insisting
    if (operation === undefined) throw new Unforeseen(thread)
    this.#only[0] = operation
    this.#strategy.pick(this.#only, this.#only)
    this.#choices.push(thread)
    return operation
  }

  /** The operation that goes next, after all that the step before has led to. */
  #choose(): Operation | null {
    this.#trail?.keep()
    return this.#pick()
  }

  /** Takes the turn of a thread. Whether its code runs then: it begins, or its operation has got an answer. */
  #admitted(fiber: ScheduledThread): boolean {
    if (this.#begun < this.#fibers.length) {
      this.#begun++
      return true
    }
    const operation = this.#next!
    this.#next = null
    const isAnswered = this.#performed(fiber, operation)
    this.#trail?.add(isAnswered ? fiber.thread : null)
    return isAnswered
  }

  /** Whether a thread can run while the one that runs now waits below it on the stack. */
  #canRunAbove({ thread }: ScheduledThread): boolean {
    return this.#waiting.length < waitingMax && !this.#waiting.includes(thread) && this.#mayStack()
  }

  #mayStack(): boolean {
    const options = this.#options
    return options.above !== undefined && options.staysFlat?.() !== true
  }

  #runAbove(fiber: ScheduledThread, waits: Fiber): void {
    this.#waiting.push(waits.thread)
    try {
      this.#options.above!(fiber)
    } finally {
      this.#waiting.pop()
      this.#options.runs?.(waits)
    }
  }

  /** The operation that goes next; null when the schedule has ended. */
  #pick(): Operation | null {
    const pending = this.#pending
    let enabled = this.#survey()
    if (enabled.length === 0 && this.#insistences++ < insistencesMax) enabled = insisting(pending)
    if (enabled.length === 0) return this.#end(pending.every(isOptional) ? 'done' : 'deadlock')
    if (this.#choices.length >= this.#steps) return this.#end('too-long')
    const chosen = this.#strategy.pick(enabled, pending)
    if (chosen === null) return this.#end('redundant')
    this.#choices.push(chosen.thread)
    return chosen
  }

  /** What the threads are about to do, and which of that they can do now. In the same arrays at each step. */
  #survey(): Operation[] {
    let waiting = 0
    let able = 0
    for (const { pending } of this.#fibers) {
      if (pending === null) continue
      this.#pending[waiting++] = pending
      if (pending.enabled()) this.#enabled[able++] = pending
    }
    shorten(this.#pending, waiting)
    shorten(this.#enabled, able)
    return this.#enabled
  }

  /** Whether the thread has its answer, and does not have to wait for it first. */
  #performed(fiber: ScheduledThread, operation: Operation): boolean {
    const answer = operation.perform()
    if (isEffect(operation, answer)) this.#engine.rereadsOf(operation.thread).clear()
    this.#options.performed?.(operation, answer, fiber)
    if (answer instanceof Parked) fiber.pending = answer.next
    else fiber.answer(answer)
    return !(answer instanceof Parked)
  }

  #end(ending: Ending): null {
    this.#ending = ending
    return null
  }

  /** Something was thrown that no thread may catch. */
  #fail(thrown: unknown): void {
    this.#thrown = thrown
    this.#ending = 'thrown'
  }
}

/** How a schedule went. What the operations answered is put together only for those who ask. */
class EndedSchedule implements ScheduleResult {
  readonly ending: Ending
  readonly choices: readonly number[]
  readonly pending: readonly Operation[]
  readonly returned: readonly unknown[]
  readonly thrown: unknown
  readonly #threads: readonly ScheduledThread[]

  constructor(
    threads: readonly ScheduledThread[],
    { ending, choices, pending, thrown }: Omit<ScheduleResult, 'answers' | 'returned'>,
  ) {
    this.ending = ending
    this.choices = choices
    this.pending = pending
    this.returned = threads.map(({ returned }) => returned)
    this.thrown = thrown
    this.#threads = threads
  }

  get answers(): readonly (readonly unknown[])[] {
    return this.#threads.map(({ answers }) => answers)
  }
}

/** An array that is given its length loses its room when that is 0. */
function shorten(operations: Operation[], length: number): void {
  while (operations.length > length) operations.pop()
}

function pendingOf(fibers: readonly ScheduledThread[]): Operation[] {
  const all: Operation[] = []
  for (const { pending } of fibers) if (pending !== null) all.push(pending)
  return all
}

/** Those that wait for a change only because they repeat themselves, and may have another reason to. */
function insisting(pending: readonly Operation[]): Operation[] {
  return pending.flatMap(({ insisting }) => (insisting?.enabled() ? insisting : []))
}

function isOptional({ optional }: Operation): boolean {
  return optional === true
}

/** Whether a thread that did this is not turning in a circle; of memory the engine knows that itself. */
function isEffect({ kind, accesses }: Operation, answer: unknown): boolean {
  switch (kind) {
    case 'load':
    case 'store':
    case 'update':
      return false
    case 'notify':
      return answer !== 0
    case 'wait':
      return answer !== 'not-equal' && accesses.every(({ from }) => from < 0)
    case 'wake':
      return answer !== 'timed-out'
    case 'event':
      return isArrival(answer as LoopEvent)
    default:
      return modelledKinds.has(kind)
  }
}
