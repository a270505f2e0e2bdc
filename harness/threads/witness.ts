import { AsyncResource } from 'node:async_hooks'
import { Random } from '../random.ts'
import { Locks } from './detect/locks.ts'
import { Overtaking } from './detect/overtaking.ts'
import type { Engine } from './engine.ts'
import type { Courier } from './event-loop/courier.ts'
import { unwound } from './event-loop/fiber-loop.ts'
import { type LoopEvent, tellEvent } from './event-loop/loop-event.ts'
import type { Fiber } from './fiber.ts'
import { type Operation, Parked } from './operation.ts'
import type { Running } from './running.ts'
import type { ScheduledThread, ScheduleOptions } from './schedule.ts'
import type { SharedMemory } from './shared-memory.ts'
import type { ToldStep } from './told.ts'
import type { Trail } from './trail.ts'

export interface WitnessOptions {
  readonly seed: number
  readonly steps: number
  /** How often a thread that sleeps or spins for a lock may be overtaken; without end unless told otherwise. */
  readonly overtakes?: number | undefined
  /** Where the user wrote what runs at a place. */
  readonly original: (place: string) => string
  /** Which threads may block; all unless told otherwise. */
  readonly canBlock?: readonly boolean[]
  /** Whether the schedule is to be told, and its steps are wanted with their places. */
  readonly tell?: boolean
  /**
   * Whether threads may wait for their turn on the stack, which spares them from being run again, and so also from being
   * found out when they do not repeat themselves.
   */
  readonly stacks?: boolean
}

/** Sees one schedule go: knows whose code runs, keeps what was performed and who holds which lock, and tells the steps. */
export class Witness implements ScheduleOptions {
  /** All operations, in their order. */
  readonly operations: Operation[] = []
  /** The same as it is told; empty when it is not. */
  readonly told: ToldStep[] = []
  readonly locks: Locks
  /** Null where threads may be overtaken without end. */
  readonly overtaking: Overtaking | null = null
  readonly memory: SharedMemory
  readonly steps: number
  readonly places: boolean
  readonly original: (place: string) => string
  couriers: readonly Courier[] = []
  trail: Trail | null = null
  readonly #running: Running
  readonly #seed: number
  readonly #canBlock: readonly boolean[]
  readonly #stacks: boolean
  /** The threads that sleep; null where nobody watches who is overtaken. */
  readonly #asleep: Set<number> | null = null

  constructor(running: Running, engine: Engine, memory: SharedMemory, options: WitnessOptions) {
    const { seed, steps, overtakes, original, canBlock = [], tell = false, stacks = false } = options
    if (overtakes !== undefined) {
      this.#asleep = new Set()
      this.overtaking = overtakingIn(engine, this.#asleep, overtakes)
    }
    this.locks = new Locks(this.overtaking)
    this.memory = memory
    this.steps = steps
    this.places = tell
    this.original = original
    this.#running = running
    this.#seed = seed
    this.#canBlock = canBlock
    this.#stacks = stacks
  }

  /** Some steps were foretold. */
  get hasForesight(): boolean {
    return this.trail !== null && this.trail.steps > 0
  }

  randomOf(thread: number): () => number {
    const random = new Random(`${this.#seed}/threads/values/${thread}`)
    return () => random.real()
  }

  canBlock(thread: number): boolean {
    return this.#canBlock[thread] ?? true
  }

  runs(fiber: Fiber | null): void {
    this.#running.fiber = fiber
  }

  unwound(fiber: Fiber): void {
    unwound(this.#running, fiber)
  }

  above(thread: ScheduledThread): void {
    this.#running.contexts[thread.thread]!.runInAsyncScope(thread.advance, thread)
  }

  /** A thread whose promises are being settled cannot have those of another settled above it. */
  staysFlat(): boolean {
    return !this.#stacks || this.#running.mayHaveLoops || this.#running.hasLoops
  }

  performed(operation: Operation, answer: unknown, thread: ScheduledThread): void {
    this.operations.push(operation)
    if (this.#asleep !== null) noteSleep(this.#asleep, thread, answer)
    if (operation.mutex !== undefined) followMutex(this.locks, operation, answer)
    // Who brings an event is told by what the event loop makes of it.
    if (this.places && operation.kind !== 'deliver') this.told.push(stepOf(operation, answer, thread))
  }
}

function overtakingIn(engine: Engine, asleep: ReadonlySet<number>, most: number): Overtaking {
  return new Overtaking({ most, isIdle: (thread) => asleep.has(thread) || engine.rereadsOf(thread).spins })
}

function noteSleep(asleep: Set<number>, { thread }: ScheduledThread, answer: unknown): void {
  if (answer instanceof Parked) asleep.add(thread)
  else asleep.delete(thread)
}

/** Made before any code of a thread runs, whose own contexts they would take over. */
export function makeContexts({ contexts }: Running, threads: number): void {
  while (contexts.length < threads) contexts.push(new AsyncResource('raceproof.thread'))
}

/** What the mutexes of small programs are called where locks have names. */
export function nameOf({ place }: { place: number }): string {
  return `mutex ${-place / 2}`
}

function followMutex(locks: Locks, { kind, thread, mutex }: Operation, answer: unknown): void {
  if (kind === 'lock' || kind === 'wake' || (kind === 'try-lock' && answer === true))
    locks.taken({ thread }, nameOf(mutex!))
  else if (kind === 'unlock' || kind === 'wait') locks.released({ thread }, nameOf(mutex!))
}

function stepOf(operation: Operation, answer: unknown, fiber: ScheduledThread): ToldStep {
  const { kind, thread } = operation
  const after = operation.now === undefined ? '' : `, now ${String(operation.now())}`
  if (kind === 'event') {
    return { thread, text: tellEvent(answer as LoopEvent), place: null, interrupts: false }
  }
  const came = answer instanceof Parked ? ' sleeps' : answer === undefined ? '' : ` → ${String(answer)}${after}`
  return {
    thread,
    text: `${kind === 'wake' ? 'wakes from ' : ''}${fiber.asked}${came}`,
    place: fiber.place,
    interrupts: false,
  }
}
