import type { Operation } from './operation.ts'
import type { MemoryImage, SharedMemory } from './shared-memory.ts'

/** Thrown through a thread's code to suspend it. Not an error, which would cost a stack. */
const suspension = Object.freeze({ reason: 'the thread is suspended until its operation is scheduled' })

/** How often a suspended thread may ask before it counts as one that tries for ever what cannot succeed. */
const asksWhileSuspendedMax = 100_000

/** An operation that a thread has performed, as its next run must ask for it again. */
interface Logged {
  readonly what: string
  readonly index: number
  readonly answer: unknown
  /** Where the thread's code asks for it; only when places are wanted. */
  readonly place: string | null
}

export interface FiberOptions {
  /** The memory that the threads also access without operations; left out when there is none. */
  memory?: SharedMemory | undefined
  /** Whether the places in the code are wanted, which takes time. */
  places?: boolean | undefined
  /** Random numbers for the thread's code. */
  random?: () => number
}

/**
 * A thread of synchronous code that can be suspended, without any help from the code: it is suspended by throwing at an
 * operation whose answer is not known yet, and resumed by running it again from its start with the answers so far.
 *
 * Between two operations the code sees shared memory as it was when it first ran there, so that plain accesses repeat too.
 */
export class Fiber {
  readonly thread: number
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
  readonly #images: MemoryImage[] = []
  /** Values from outside, such as random numbers, in the order in which the code got them. */
  readonly #drawn: unknown[] = []
  #what = ''
  #index = 0
  #position = 0
  #draws = 0
  #asksWhileSuspended = 0

  constructor(thread: number, body: () => unknown, options: FiberOptions = {}) {
    this.thread = thread
    this.#body = body
    this.#options = options
  }

  get answers(): unknown[] {
    return this.log.map(({ answer }) => answer)
  }

  /** What the pending operation is called in the code, with the number of its element. */
  get asked(): string {
    return `${this.#what} [${this.#index}]`
  }

  /** The code runs where it has not run before. */
  get isNew(): boolean {
    return this.pending === null && this.#position === this.log.length
  }

  /** The code asks for an operation: gets its answer, if it is known, or is suspended. */
  ask(what: string, index: number, declare: () => Operation): unknown {
    if (this.pending !== null) this.#refuse()
    const logged = this.log[this.#position]
    if (logged !== undefined) {
      if (logged.what !== what || logged.index !== index) throw this.#diverged(logged, { what, index })
      this.#position++
      this.#options.memory?.restore(this.#images[this.#position]!)
      return logged.answer
    }
    this.#what = what
    this.#index = index
    this.place = this.#options.places ? callSite() : null
    this.pending = declare()
    throw suspension
  }

  /** A value from outside the threads: made once, and the same in every further run. */
  draw<T>(make: () => T): T {
    if (this.#draws === this.#drawn.length) this.#drawn.push(make())
    return this.#drawn[this.#draws++] as T
  }

  random(): number {
    const { random } = this.#options
    if (random === undefined) throw new Error(`thread ${this.thread} was given no random numbers`)
    return this.draw(random)
  }

  /** The pending operation has been performed. */
  answer(answer: unknown): void {
    this.log.push({ what: this.#what, index: this.#index, answer, place: this.place })
  }

  /** Runs the code again, up to its next operation or its end. Throws what it throws. */
  advance(): void {
    const { memory } = this.#options
    this.#position = 0
    this.#draws = 0
    this.#asksWhileSuspended = 0
    this.pending = null
    if (memory !== undefined) {
      this.#images[this.log.length] = memory.image()
      memory.restore(this.#images[0]!)
    }
    try {
      this.returned = this.#body()
    } catch (thrown) {
      // What is thrown while it unwinds, by a finally clause for example, only replaces what suspends it.
      if (this.#isPending()) return
      throw thrown
    }
    if (this.#isPending()) throw new Error(this.#swallowed())
    if (this.#position < this.log.length) throw this.#diverged(this.log[this.#position]!, { what: 'its end', index: 0 })
  }

  #isPending(): boolean {
    return this.pending !== null
  }

  #refuse(): never {
    if (++this.#asksWhileSuspended > asksWhileSuspendedMax) throw new Error(this.#swallowed())
    throw suspension
  }

  #swallowed(): string {
    const where = this.place === null ? '' : ` at ${this.place}`
    return (
      `thread ${this.thread} caught what suspends it in the operation ${this.#what}${where}: ` +
      'expected it to pass; let the catch clause around it rethrow what it does not know'
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

/** The innermost place outside of this folder, as file:line:column. */
function callSite(): string | null {
  const { stack = '' } = new Error()
  const lines = stack.split('\n').slice(1)
  const outside = lines.find((line) => !line.includes(`${import.meta.dirname}/`) && !line.includes('node:internal'))
  return /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(outside ?? '')?.[1]?.replace('file://', '') ?? null
}
