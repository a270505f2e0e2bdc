import { Ahead } from './ahead.ts'
import { callSite } from './call-site.ts'
import type { Operation } from './operation.ts'
import { type IntegerArray, isShared } from './real-atomics.ts'
import type { MemoryImage, SharedMemory } from './shared-memory.ts'

/** Thrown through a thread's code to suspend it. Not an error, which would cost a stack. */
const suspension = Object.freeze({ reason: 'the thread is suspended until its operation is scheduled' })

/** How often a suspended thread may ask before it counts as one that tries for ever what cannot succeed. */
const asksWhileSuspendedMax = 100_000

/** How often loops may turn between two operations before they count as endless. */
const turnsMax = 10_000_000

/** An operation that a thread has performed, as its next run must ask for it again. */
export interface Logged {
  readonly what: string
  readonly index: number
  readonly answer: unknown
  /** Where the thread's code asks for it; only when places are wanted. */
  readonly place: string | null
  /** What the memory is like where the code goes on with the answer, as soon as it has. */
  image: MemoryImage | null
}

/**
 * Throws what suspends a thread. Apart, because V8 looks for the place where something is thrown, which takes long in a
 * function that it has optimized; one that never returns it neither optimizes nor inlines.
 */
function suspend(): never {
  throw suspension
}

/** What a thread waits with that does not yet know its next operation, since others have to act before. */
const notYet: Operation = { kind: 'yield', thread: -1, accesses: [], enabled: () => false, perform: () => undefined }

export interface FiberOptions {
  /** The memory that the threads also access without operations; left out when there is none. */
  memory?: SharedMemory | undefined
  /** Whether the places in the code are wanted, which takes time. */
  places?: boolean | undefined
  /** Where the user wrote what runs at a place, both as file:line:column; the same place unless told otherwise. */
  original?: ((place: string) => string) | undefined
  /** Random numbers for the code of a thread. */
  randomOf?(thread: number): () => number
  /** Whether the code of a thread may block; that of any may unless told otherwise. */
  canBlock?(thread: number): boolean
  /** Told which thread's code runs, and null when none does. */
  runs?(fiber: Fiber | null): void
  /** Told that the code has thrown, as it does to be suspended, before anything is made of that. */
  unwound?(fiber: Fiber): void
}

/** Gives threads their turns. */
export interface Scheduler {
  /**
   * The thread has declared an operation. Answers the operation, if the thread's turn comes while it can stay on the stack,
   * and says so with true, so that the code goes on and need not be suspended and run again.
   */
  goesOn(fiber: Fiber): boolean
}

/**
 * A thread of synchronous code that can be suspended, without any help from the code: it is suspended by throwing at an
 * operation whose answer is not known yet, and resumed by running it again from its start with the answers so far.
 *
 * Between two operations the code sees shared memory as it was when it first ran there, so that plain accesses repeat too.
 */
export class Fiber {
  readonly thread: number
  /** False for an event loop that must never stand still. */
  readonly canBlock: boolean
  readonly log: Logged[] = []
  pending: Operation | null = null
  /** What the code returned, once it has ended. */
  returned: unknown
  /** Where the pending operation was asked for. */
  place: string | null = null
  /** The thread's own time, which passes only by waits that time out. */
  nowMs = 0
  readonly #body: () => unknown
  readonly #options: FiberOptions
  readonly #memory: SharedMemory | null
  readonly #scheduler: Scheduler | null
  #random: (() => number) | null = null
  /** What the memory is like where the code begins. */
  #initial: MemoryImage | null = null
  /** Values from outside, such as random numbers, in the order in which the code got them. */
  readonly #drawn: unknown[] = []
  #what = ''
  #index = 0
  #position = 0
  #draws = 0
  #asksWhileSuspended = 0
  #turns = 0
  #refusal: Error | null = null
  /** An array that is known to lie in shared memory. Code mostly uses the same again, and to ask V8 takes longer. */
  #shared: IntegerArray | null = null
  /** What the thread does ahead of its turns; null when it does not. */
  #ahead: Ahead | null = null
  /** What the memory was like when the code was suspended: what it writes after that, as it unwinds, must be undone. */
  #atSuspension: MemoryImage | null = null

  constructor(thread: number, body: () => unknown, options: FiberOptions = {}, scheduler: Scheduler | null = null) {
    this.thread = thread
    this.canBlock = options.canBlock?.(thread) ?? true
    this.#body = body
    this.#options = options
    this.#memory = options.memory ?? null
    this.#scheduler = scheduler
  }

  get answers(): unknown[] {
    return this.log.map(({ answer }) => answer)
  }

  /** What the pending operation is called in the code, with the number of its element. */
  get asked(): string {
    return `${this.#what} [${this.#index}]`
  }

  /** How many operations the code has asked for in this run. */
  get asks(): number {
    return this.#position
  }

  /** The code runs where it has not run before. */
  get isNew(): boolean {
    return this.pending === null && this.#position === this.log.length
  }

  /** The code runs ahead of its turns: what it asks for will be performed later. */
  get isAhead(): boolean {
    return this.#ahead !== null
  }

  /** Whether an array that the code uses lies in memory that threads can share. */
  shares(array: IntegerArray): boolean {
    if (array === this.#shared) return true
    if (!isShared(array)) return false
    this.#shared = array
    return true
  }

  /** The code asks for an operation: gets its answer, if it is known, or is suspended. */
  ask(what: string, index: number, declare: () => Operation): unknown {
    if (!this.isNew) return this.repeat(what, index)
    return this.#ahead === null
      ? this.declare(what, index, declare())
      : this.#goAhead(this.#ahead, what, index, declare)
  }

  /** The code asks where it has not run before: gets the answer if it is the thread's turn, or is suspended. */
  declare(what: string, index: number, operation: Operation): unknown {
    if (this.#refusal !== null) throw this.#refusal
    this.#turns = 0
    this.#what = what
    this.#index = index
    this.place = this.#options.places ? this.here() : null
    this.pending = operation
    if (this.#scheduler?.goesOn(this) === true) return this.#goOn()
    if (this.#memory !== null) this.#atSuspension = this.#memory.image()
    return suspend()
  }

  /** The code asks for what it has asked for before: gets the same answer. */
  repeat(what: string, index: number): unknown {
    this.#turns = 0
    if (this.pending !== null) this.#refuse()
    const logged = this.log[this.#position]!
    if (logged.what !== what || logged.index !== index) throw this.#diverged(logged, { what, index })
    this.#position++
    this.#restore(logged.image)
    return logged.answer
  }

  /**
   * The thread begins as it did in another schedule, where so many of its operations were answered before it came to a step
   * that is different now. It runs ahead to there with the same answers, and its operations are performed when their turns
   * come ({@link declareNext}).
   */
  foresee(before: Fiber, answers: number): void {
    this.#ahead = new Ahead(this.thread, before.log.slice(0, answers))
    this.#initial = before.#initial
  }

  /** Runs code that others can notice: now, or in the thread's turn when it is ahead of that. */
  inTurn(run: () => void): void {
    if (this.#ahead === null) run()
    else this.#ahead.keep(run)
  }

  /** The thread's turn has come so far that it would declare the next of the operations that it is ahead with. */
  declareNext(): void {
    this.pending = this.#ahead!.next()
  }

  /** All that the thread was ahead with has been performed. */
  caughtUp(): void {
    this.#ahead = null
  }

  /** The code asks for what it will be answered in its turn: gets that answer, or waits for its turn where it is not known. */
  #goAhead(ahead: Ahead, what: string, index: number, declare: () => Operation): unknown {
    if (this.#refusal !== null) throw this.#refusal
    const known = this.#foreseen(ahead, what, index, declare)
    if (known === null) return this.declare(what, index, notYet)
    this.#turns = 0
    this.log.push(known)
    this.#position++
    this.#restore(known.image)
    return known.answer
  }

  /** The operation was performed at once: the code goes on with its answer. */
  #goOn(): unknown {
    this.pending = null
    const logged = this.log[this.#position++]!
    if (this.#memory !== null) logged.image = this.#memory.image()
    return logged.answer
  }

  /** Keeps what the memory is like where the code goes on. */
  #remember(): void {
    if (this.#memory === null) return
    const image = this.#memory.image()
    if (this.log.length === 0) this.#initial = image
    else this.log[this.log.length - 1]!.image = image
  }

  #restore(image: MemoryImage | null): void {
    if (image !== null) this.#memory?.restore(image)
  }

  /** Rewritten code has caught something: a thread that is suspended, or was refused something, goes on unwinding. */
  pass(): void {
    if (this.#refusal !== null) throw this.#refusal
    if (this.pending !== null) suspend()
  }

  /** A loop of rewritten code turns. Throws when it has turned so often that it must be endless. */
  turn(): void {
    this.pass()
    if (++this.#turns > turnsMax) throw new Error(this.#endless())
  }

  /** A value from outside the threads: made once, and the same in every further run. */
  draw<T>(make: () => T): T {
    if (this.pending !== null) suspend()
    if (this.#draws === this.#drawn.length) this.#drawn.push(make())
    return this.#drawn[this.#draws++] as T
  }

  random(): number {
    this.#random ??= this.#options.randomOf?.(this.thread) ?? null
    if (this.#random === null) throw new Error(`thread ${this.thread} was given no random numbers`)
    return this.draw(this.#random)
  }

  /** The pending operation has been performed. */
  answer(answer: unknown): void {
    if (this.#ahead !== null) this.#ahead.answer(answer)
    else this.log.push({ what: this.#what, index: this.#index, answer, place: this.place, image: null })
  }

  /** Runs the code again, up to its next operation or its end. Throws what it throws. */
  advance(): void {
    this.#position = 0
    this.#draws = 0
    this.#turns = 0
    this.#asksWhileSuspended = 0
    this.#atSuspension = null
    this.pending = null
    if (!this.isAhead) this.#remember()
    this.#restore(this.#initial)
    try {
      this.#options.runs?.(this)
      this.returned = this.#body()
      this.#options.runs?.(null)
    } catch (thrown) {
      this.#options.unwound?.(this)
      this.#options.runs?.(null)
      if (this.#atSuspension !== null) this.#memory?.restore(this.#atSuspension)
      if (this.#refusal !== null) throw this.#refusal
      // What is thrown while it unwinds, by a finally clause for example, only replaces what suspends it.
      if (this.#isPending()) return
      throw thrown
    }
    if (this.#refusal !== null) throw this.#refusal
    if (this.#isPending()) throw new Error(this.#swallowed())
    this.#ahead?.end()
    if (this.#position < this.log.length) throw this.#diverged(this.log[this.#position]!, { what: 'its end', index: 0 })
  }

  /** Where the code is, as file:line:column. */
  here(): string | null {
    const place = callSite()
    return place === null ? null : (this.#options.original?.(place) ?? place)
  }

  /** The code has asked for what it cannot have: the schedule fails with that, whatever the code does about it. */
  refuse(error: Error): void {
    this.#refusal ??= error
  }

  /** What is known of an operation. That it did not come true fails the schedule, whatever the thread's code makes of it. */
  #foreseen(ahead: Ahead, what: string, index: number, declare: () => Operation): Logged | null {
    try {
      return ahead.foresee(what, index, declare)
    } catch (thrown) {
      this.refuse(thrown as Error)
      throw thrown
    }
  }

  #isPending(): boolean {
    return this.pending !== null
  }

  #refuse(): never {
    if (++this.#asksWhileSuspended > asksWhileSuspendedMax) throw new Error(this.#swallowed())
    suspend()
  }

  #swallowed(): string {
    const where = this.place === null ? '' : ` at ${this.place}`
    return (
      `thread ${this.thread} caught what suspends it in the operation ${this.#what}${where}: ` +
      'expected it to pass; let the catch clause around it rethrow what it does not know, or explore with plainAccesses, ' +
      'where the catch clauses of rewritten code let it pass'
    )
  }

  #endless(): string {
    return (
      `thread ${this.thread} turned in a loop ${turnsMax} times without an operation on shared memory, at ${this.here()}: ` +
      'expected it to come to an end; a loop that waits for another thread must read what that thread changes'
    )
  }

  #diverged(logged: Pick<Logged, 'what' | 'index'>, now: Pick<Logged, 'what' | 'index'>): Error {
    const said = ({ what, index }: Pick<Logged, 'what' | 'index'>) => `${what} of element ${index}`
    return new Error(
      `thread ${this.thread} did not repeat itself: its step ${this.#position + 1} was ${said(logged)} and now is ` +
        `${said(now)}; make everything that it changes, but for the shared memory, inside of it`,
    )
  }
}
