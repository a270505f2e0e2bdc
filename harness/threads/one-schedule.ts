import { AsyncResource } from 'node:async_hooks'
import { messageOf } from '../errors.ts'
import { Random } from '../random.ts'
import type { ThreadFinding } from './detect/finding.ts'
import { Locks } from './detect/locks.ts'
import { Overtaking } from './detect/overtaking.ts'
import { findRace } from './detect/races.ts'
import { stuck } from './detect/stuck.ts'
import { tellRace } from './detect/tell-race.ts'
import { Engine } from './engine.ts'
import { runCode, unwound } from './event-loop/fiber-loop.ts'
import { type LoopEvent, tellEvent } from './event-loop/loop-event.ts'
import { LoopModel } from './event-loop/loop-model.ts'
import { WrongRelease } from './modelled.ts'
import { type Operation, Parked } from './operation.ts'
import {
  runSchedule,
  type ScheduledThread,
  type ScheduleOptions,
  type ScheduleResult,
  ThreadAssertion,
} from './replay-fibers.ts'
import type { Running } from './running.ts'
import { SharedMemory } from './shared-memory.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { ThreadFunction, ThreadProgram } from './thread-program.ts'
import type { ToldStep } from './told.ts'

export interface Judged {
  readonly result: ScheduleResult
  readonly finding: ThreadFinding | null
  /** All operations, in their order. */
  readonly performed: readonly Operation[]
  /** The steps, when they were asked for. */
  readonly steps: readonly ToldStep[]
}

export interface OneScheduleOptions {
  readonly running: Running
  readonly seed: number
  readonly steps: number
  /** How often a thread that sleeps or spins for a lock may be overtaken; without end unless told otherwise. */
  readonly overtakes?: number | undefined
  /** Where the user wrote what runs at a place. */
  readonly original: (place: string) => string
  /** Whether the schedule is to be told, and its steps are wanted with their places. */
  readonly tell?: boolean
  /** What runs the threads in place of replay fibers. */
  readonly executor?: Executor
  /**
   * Whether threads may wait for their turn on the stack, which spares them from being run again, and so also from being
   * found out when they do not repeat themselves.
   */
  readonly stacks?: boolean
}

/** What the threads of one schedule work on. */
export interface Ground {
  readonly engine: Engine
  readonly strategy: Strategy
  /** What `setup` made. */
  readonly state: unknown
  readonly loops: LoopModel
  readonly memory: SharedMemory
  /** Where it is followed who holds which lock. */
  readonly locks: Locks
}

/** Runs all threads of a schedule, as the strategy picks them. */
export type Executor = (ground: Ground, options: ScheduleOptions) => ScheduleResult

/** What was seen of a schedule. */
interface Seen {
  readonly performed: readonly Operation[]
  /** The same as it is told; empty when it is not. */
  readonly told: readonly ToldStep[]
  readonly watch: Locks
  readonly overtaking: Overtaking | null
}

/** Runs one schedule of a program, with builtins intercepted, and judges it. */
export function oneSchedule<State>(
  program: ThreadProgram<State>,
  functions: readonly ThreadFunction<State>[],
  strategy: Strategy,
  { running, seed, steps, overtakes, original, tell = false, executor, stacks = false }: OneScheduleOptions,
): Judged {
  const engine = new Engine()
  const memory = running.memory ?? new SharedMemory()
  memory.clear()
  const asleep = new Set<number>()
  const isIdle = (thread: number) => asleep.has(thread) || engine.rereadsOf(thread).spins
  const overtaking = overtakes === undefined ? null : new Overtaking({ most: overtakes, isIdle })
  const watch = new Locks(overtaking)
  Object.assign(running, { engine, memory, fiber: null, locks: watch, loops: new LoopModel(engine) })
  const state = program.setup(engine)
  const performed: Operation[] = []
  const told: ToldStep[] = []
  running.told = told
  const bodies = functions.map((run) => (actions: Parameters<typeof run>[1]) => {
    return runCode(running, () => run(state, actions))
  })
  const execute = executor ?? ((_: unknown, options: ScheduleOptions) => runSchedule(engine, bodies, strategy, options))
  const couriers = running.loops!.couriers(functions.length)
  const contexts = contextsFor(running, functions.length + couriers.length)
  const { answers, returned, ...ran } = execute(
    { engine, strategy, state, loops: running.loops!, memory, locks: watch },
    {
      memory,
      couriers,
      steps,
      places: tell,
      original,
      randomOf: (thread) => lazily(() => new Random(`${seed}/threads/values/${thread}`)),
      runs: (fiber) => {
        running.fiber = fiber
      },
      unwound: (fiber) => unwound(running, fiber),
      above: stacks ? (thread) => contexts[thread.thread]!.runInAsyncScope(thread.advance, thread) : undefined,
      // A thread whose promises are being settled cannot have those of another settled above it.
      staysFlat: () => running.mayHaveLoops || running.hasLoops,
      performed: (operation, answer, fiber) => {
        performed.push(operation)
        if (answer instanceof Parked) asleep.add(fiber.thread)
        else asleep.delete(fiber.thread)
        followMutex(watch, operation, answer)
        // Who brings an event is told by what the event loop makes of it.
        if (tell && operation.kind !== 'deliver') told.push(stepOf(operation, answer, fiber))
      },
    },
  )
  const own = functions.length
  const result = { ...ran, answers: answers.slice(0, own), returned: returned.slice(0, own) }
  running.mayHaveLoops = running.hasLoops
  for (const { mutex, thread, kind } of result.pending)
    if (mutex && kind === 'lock') watch.wants({ thread }, nameOf(mutex))
  const finding = judge(program, state, result, { performed, told, watch, overtaking })
  return { result, finding, performed, steps: told }
}

/** Made before any code of a thread runs, whose own contexts they would take over. */
function contextsFor({ contexts }: Running, threads: number): readonly AsyncResource[] {
  while (contexts.length < threads) contexts.push(new AsyncResource('raceproof.thread'))
  return contexts
}

function judge<State>(
  program: ThreadProgram<State>,
  state: State,
  result: ScheduleResult,
  { performed, told, watch, overtaking }: Seen,
): ThreadFinding | null {
  if (watch.misuse !== null) return watch.misuse
  if (result.ending === 'thrown') return thrownBy(result.thrown)
  if (result.ending === 'too-long') {
    return { kind: 'too-long', message: `the threads have not ended after ${result.choices.length} steps` }
  }
  if (result.ending === 'deadlock') return stuck(result.pending, performed, watch.circle())
  if (result.ending === 'done') {
    const wrong = wrongEnd(() => program.final?.(state, result.returned))
    if (wrong !== null) return wrong
  }
  return overtaking?.finding ?? watch.inversion() ?? raceIn(performed, told)
}

function thrownBy(thrown: unknown): ThreadFinding {
  return { kind: thrown instanceof WrongRelease ? 'wrong-release' : 'thrown', message: said(thrown) }
}

function raceIn(performed: readonly Operation[], told: readonly ToldStep[]): ThreadFinding | null {
  const race = findRace(performed)
  return race === null ? null : tellRace(race, performed, told)
}

function wrongEnd(final: () => void): ThreadFinding | null {
  try {
    final()
    return null
  } catch (thrown) {
    return { kind: 'final', message: messageOf(thrown) }
  }
}

function said(thrown: unknown): string {
  return thrown instanceof Error && !(thrown instanceof ThreadAssertion)
    ? `${thrown.name}: ${thrown.message}`
    : messageOf(thrown)
}

function followMutex(watch: Locks, { kind, thread, mutex }: Operation, answer: unknown): void {
  if (mutex === undefined) return
  if (kind === 'lock' || kind === 'wake' || (kind === 'try-lock' && answer === true))
    watch.taken({ thread }, nameOf(mutex))
  else if (kind === 'unlock' || kind === 'wait') watch.released({ thread }, nameOf(mutex))
}

function nameOf({ place }: { place: number }): string {
  return `mutex ${-place / 2}`
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

function lazily(make: () => Random): () => number {
  let random: Random | null = null
  return () => {
    random ??= make()
    return random.real()
  }
}
