import { AsyncResource } from 'node:async_hooks'
import { drain } from './drain.ts'
import { type Envelope, opened } from './envelope.ts'
import type { LoopEvent, LoopSources } from './loop-event.ts'

/** The thread that an event loop runs in. */
export interface LoopThread {
  /** Waits for the next event. */
  nextEvent(sources: LoopSources): LoopEvent
  /** Throws when the thread's code has been suspended, and is only unwinding. */
  pass(): void
  isSuspended(): boolean
  /** How many operations the thread has asked for in this run. */
  asks(): number
  /** The thread's own time. */
  nowMs(): number
  /** The thread's time has come to this. */
  passTo(timeMs: number): void
  /** The code has returned, and only its event loop goes on. */
  hasReturned(value: unknown): void
}

/** A port that is listened to. */
export interface Listening {
  received(message: unknown): void
  closed(): void
}

/** One callback that is due at some time, again and again when it has an interval. */
interface Timer {
  readonly id: number
  dueMs: number
  readonly intervalMs: number | null
  readonly waiter: number | null
  counts: boolean
  /** It has been called and did nothing that anybody could notice, and nothing has happened since. */
  idle: boolean
  readonly call: () => void
}

type Outcome = { readonly failed: false; readonly value: unknown } | { readonly failed: true; readonly reason: unknown }

/**
 * The event loop of one run of a thread: microtasks are V8's own, run as soon as the code returns; timers are virtual, and
 * everything else that it goes on with is an event, a scheduling point of the thread.
 */
export class EventLoop {
  readonly #thread: LoopThread
  readonly #timers = new Map<number, Timer>()
  readonly #immediates = new Map<number, () => void>()
  readonly #waiters = new Map<number, (answer: string) => void>()
  readonly #listening = new Map<number, Listening>()
  #ids = 0
  /** The interval that was called last, unless something else has happened since. */
  #called: { timer: Timer; asks: number; ids: number } | null = null
  #failure: { reason: unknown } | null = null
  #returned = false

  constructor(thread: LoopThread) {
    this.#thread = thread
  }

  /** Goes on until what the thread's code returned has settled and nothing is left to do. Throws what nobody caught. */
  run(returned: unknown): unknown {
    let outcome: Outcome | null = null
    Promise.resolve(returned).then(
      (value) => {
        outcome = { failed: false, value }
      },
      (reason: unknown) => {
        outcome = { failed: true, reason }
      },
    )
    for (;;) {
      this.#drain()
      const ended = outcome as Outcome | null
      if (ended?.failed) throw ended.reason
      if (ended !== null) this.#end(ended.value)
      if (ended !== null && this.#isEmpty()) return ended.value
      this.#dispatch(this.#thread.nextEvent(this.#sources()))
    }
  }

  /** Calls back after some time; returns the number of the timer. */
  after(delayMs: number, call: () => void, { repeats = false, waiter = null as number | null } = {}): number {
    this.#thread.pass()
    const id = ++this.#ids
    const dueMs = this.#thread.nowMs() + delayMs
    const inContext = AsyncResource.bind(call)
    this.#timers.set(id, {
      id,
      dueMs,
      intervalMs: repeats ? delayMs : null,
      waiter,
      counts: true,
      idle: false,
      call: inContext,
    })
    return id
  }

  /** A timer that is due again after some time from now. Does nothing when it has been called and does not repeat. */
  again(id: number, delayMs: number): void {
    const timer = this.#timers.get(id)
    if (timer !== undefined) timer.dueMs = this.#thread.nowMs() + delayMs
  }

  /** Whether the thread stays for a timer. */
  counts(id: number, counts: boolean): void {
    const timer = this.#timers.get(id)
    if (timer !== undefined) timer.counts = counts
  }

  soon(call: () => void): number {
    this.#thread.pass()
    const id = ++this.#ids
    this.#immediates.set(id, AsyncResource.bind(call))
    return id
  }

  cancel(id: number): void {
    this.#timers.delete(id)
    this.#immediates.delete(id)
  }

  /** A task sleeps on a word. Resolves as `Atomics.waitAsync` does. */
  sleeps(waiter: number, timeoutMs: number): Promise<string> {
    return new Promise((resolve) => {
      const timer =
        timeoutMs === Number.POSITIVE_INFINITY
          ? null
          : this.after(timeoutMs, () => this.#wake(waiter, 'timed-out'), { waiter })
      this.#waiters.set(waiter, (answer) => {
        if (timer !== null) this.cancel(timer)
        resolve(answer)
      })
    })
  }

  listen(port: number, listening: Listening): void {
    this.#listening.set(port, listening)
  }

  ignore(port: number): void {
    this.#listening.delete(port)
  }

  /** Runs a callback of the thread; what it throws ends the thread, as it would end a worker. */
  guard(call: () => void): void {
    try {
      call()
    } catch (reason) {
      this.fails(reason)
    }
  }

  /** Something was thrown that nobody caught. */
  fails(reason: unknown): void {
    if (!this.#thread.isSuspended()) this.#failure ??= { reason }
  }

  #drain(): void {
    drain()
    this.#thread.pass()
    if (this.#failure !== null) throw this.#failure.reason
  }

  #end(value: unknown): void {
    if (this.#returned) return
    this.#returned = true
    this.#thread.hasReturned(value)
  }

  #isEmpty(): boolean {
    return !this.#isBusy() && this.#waiters.size === 0 && this.#listening.size === 0
  }

  /** Sleeping tasks and listeners alone do not keep a worker alive once others have ended. */
  #isBusy(): boolean {
    return (
      this.#immediates.size > 0 || [...this.#timers.values()].some(({ counts, waiter }) => counts && waiter === null)
    )
  }

  #sources(): LoopSources {
    this.#noteIdle()
    const timer = this.#firstTimer()
    return {
      waiters: [...this.#waiters.keys()],
      ports: [...this.#listening.keys()],
      immediate: this.#immediates.size > 0,
      timer: timer === null ? null : { id: timer.id, waiter: timer.waiter, idle: timer.idle },
      optional: this.#returned && !this.#isBusy(),
    }
  }

  /** An interval that only keeps the thread alive would be called for ever; once is enough until something happens. */
  #noteIdle(): void {
    const last = this.#called
    const isIdle = last !== null && last.asks === this.#thread.asks() && last.ids === this.#ids
    if (isIdle) last.timer.idle = true
    else for (const timer of this.#timers.values()) timer.idle = false
  }

  /** Of timers that are due at the same time, the one that was made first; idle ones come last. */
  #firstTimer(): Timer | null {
    let first: Timer | null = null
    for (const timer of this.#timers.values()) if (first === null || isBefore(timer, first)) first = timer
    return first
  }

  #dispatch(event: LoopEvent): void {
    this.#called = null
    // All at once, and only then what hangs on them, as V8 does it.
    if (event.event === 'woken') for (const waiter of event.waiters) this.#wake(waiter, 'ok')
    else if (event.event === 'message') this.#deliver(event.port, event.envelope)
    else if (event.event === 'closed') this.#close(event.port)
    else if (event.event === 'immediate') this.#callImmediate()
    else this.#fire(this.#timers.get(event.timer)!)
  }

  #wake(waiter: number, answer: string): void {
    const resolve = this.#waiters.get(waiter)
    this.#waiters.delete(waiter)
    resolve?.(answer)
  }

  #deliver(port: number, envelope: Envelope): void {
    this.guard(() => this.#listening.get(port)?.received(opened(envelope)))
  }

  #close(port: number): void {
    const listening = this.#listening.get(port)
    this.#listening.delete(port)
    this.guard(() => listening?.closed())
  }

  #callImmediate(): void {
    const [id, call] = this.#immediates.entries().next().value as [number, () => void]
    this.#immediates.delete(id)
    this.guard(call)
  }

  #fire(timer: Timer): void {
    this.#thread.passTo(timer.dueMs)
    if (timer.intervalMs === null) this.#timers.delete(timer.id)
    else {
      timer.dueMs += timer.intervalMs
      this.#called = { timer, asks: this.#thread.asks(), ids: this.#ids }
    }
    this.guard(timer.call)
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.idle === other.idle ? one.dueMs < other.dueMs : other.idle
}
