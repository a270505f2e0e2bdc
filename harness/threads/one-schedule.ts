import { messageOf } from '../errors.ts'
import type { ThreadFinding } from './detect/finding.ts'
import type { Locks } from './detect/locks.ts'
import { findRace } from './detect/races.ts'
import { stuck } from './detect/stuck.ts'
import { tellRace } from './detect/tell-race.ts'
import { Engine } from './engine.ts'
import { runCode } from './event-loop/fiber-loop.ts'
import { LoopModel } from './event-loop/loop-model.ts'
import { WrongRelease } from './modelled.ts'
import type { Operation } from './operation.ts'
import { runSchedule, ThreadAssertion, type ThreadBody } from './replay-fibers.ts'
import type { Running } from './running.ts'
import type { ScheduleOptions, ScheduleResult } from './schedule.ts'
import { SharedMemory } from './shared-memory.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { ThreadFunction, ThreadProgram } from './thread-program.ts'
import type { ToldStep } from './told.ts'
import { Trail } from './trail.ts'
import { makeContexts, nameOf, Witness, type WitnessOptions } from './witness.ts'

export interface Judged {
  readonly result: ScheduleResult
  readonly finding: ThreadFinding | null
  /** All operations, in their order. */
  readonly performed: readonly Operation[]
  /** The steps, when they were asked for. */
  readonly steps: readonly ToldStep[]
}

export interface OneScheduleOptions extends WitnessOptions {
  readonly running: Running
  /** What runs the threads in place of replay fibers. */
  readonly executor?: Executor
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

/** Runs one schedule of a program, with builtins intercepted, and judges it. */
export function oneSchedule<State>(
  program: ThreadProgram<State>,
  functions: readonly ThreadFunction<State>[],
  strategy: Strategy,
  options: OneScheduleOptions,
): Judged {
  const { running, executor } = options
  const engine = new Engine()
  const loops = new LoopModel(engine)
  const memory = running.memory ?? new SharedMemory()
  running.trail = mayGoAhead(strategy, options) ? (running.trail ?? new Trail(memory)) : null
  if (running.trail === null) memory.clear()
  else running.trail.begin(strategy.foretold!())
  const witness = new Witness(running, engine, memory, options)
  const { locks, told } = witness
  running.begin({ engine, loops, memory, locks, told })
  const state = setUp(program, engine, running)
  witness.couriers = loops.couriers(functions.length)
  if (running.isUnforeseeable || witness.couriers.length > 0) running.trail = null
  witness.trail = running.trail
  makeContexts(running, functions.length + witness.couriers.length)
  const result =
    executor === undefined
      ? runSchedule(engine, bodiesOf(functions, state, running), strategy, witness)
      : executor({ engine, strategy, state, loops, memory, locks }, witness)
  running.mayHaveLoops = running.hasLoops
  for (const { mutex, thread, kind } of result.pending)
    if (mutex && kind === 'lock') locks.wants({ thread }, nameOf(mutex))
  const finding = judge(program, state, result, { engine, witness })
  if (finding !== null && witness.hasForesight) return withoutForesight(program, functions, strategy, options)
  return { result, finding, performed: witness.operations, steps: told }
}

/** The same schedule once more: what is wrong must show without foresight too, which setup may have misled. */
function withoutForesight<State>(
  program: ThreadProgram<State>,
  functions: readonly ThreadFunction<State>[],
  strategy: Strategy,
  options: OneScheduleOptions,
): Judged {
  const judged = oneSchedule(program, functions, strategy, { ...options, stacks: false })
  options.running.isUnforeseeable ||= judged.finding === null
  return judged
}

function setUp<State>(program: ThreadProgram<State>, engine: Engine, running: Running): State {
  const before = running.outsideDraws
  const state = program.setup(engine)
  running.isUnforeseeable ||= running.outsideDraws !== before
  return state
}

/**
 * Whether threads may run ahead where the strategy goes from one schedule to the next: only those without event loops and
 * memory of their own, and only if `setup` has made nothing that is different each time.
 */
function mayGoAhead({ foretold }: Strategy, { running, executor, stacks, tell }: OneScheduleOptions): boolean {
  const { mayHaveLoops, hasLoops, hasOwnBuffers, isUnforeseeable } = running
  if (foretold === undefined || executor !== undefined || stacks !== true || tell === true) return false
  return !mayHaveLoops && !hasLoops && !hasOwnBuffers && !isUnforeseeable
}

function bodiesOf<State>(functions: readonly ThreadFunction<State>[], state: State, running: Running) {
  return functions.map(
    (run): ThreadBody =>
      (actions) =>
        runCode(running, () => run(state, actions)),
  )
}

function judge<State>(
  program: ThreadProgram<State>,
  state: State,
  result: ScheduleResult,
  { engine, witness }: { engine: Engine; witness: Witness },
): ThreadFinding | null {
  const { operations, locks, overtaking, told } = witness
  if (locks.misuse !== null) return locks.misuse
  if (result.ending === 'thrown') return thrownBy(result.thrown)
  if (result.ending === 'too-long') {
    return { kind: 'too-long', message: `the threads have not ended after ${result.choices.length} steps` }
  }
  if (result.ending === 'deadlock') return stuck(result.pending, operations, locks.circle())
  if (result.ending === 'done') {
    const wrong = wrongEnd(() => program.final?.(state, result.returned))
    if (wrong !== null) return wrong
  }
  const found = overtaking?.finding ?? locks.inversion()
  return found ?? (engine.mayRace ? raceIn(operations, told) : null)
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
