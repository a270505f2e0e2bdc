import { messageOf } from '../errors.ts'
import { Random } from '../random.ts'
import type { ThreadFinding } from './detect/finding.ts'
import { Locks } from './detect/locks.ts'
import { dataRace, mixedSizes } from './detect/races.ts'
import { stuck } from './detect/stuck.ts'
import { Engine } from './engine.ts'
import type { Fiber } from './fiber.ts'
import { type Operation, Parked } from './operation.ts'
import { runSchedule, type ScheduleResult, ThreadAssertion } from './replay-fibers.ts'
import type { Running } from './running.ts'
import { SharedMemory } from './shared-memory.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { ThreadFunction, ThreadProgram } from './thread-program.ts'
import type { ToldStep } from './told.ts'

export interface Judged {
  readonly result: ScheduleResult
  readonly finding: ThreadFinding | null
  /** The steps, when they were asked for. */
  readonly steps: readonly ToldStep[]
}

export interface OneScheduleOptions {
  readonly running: Running
  readonly seed: number
  readonly steps: number
  /** Whether the schedule is to be told, and its steps are wanted with their places. */
  readonly tell?: boolean
}

/** Runs one schedule of a program, with builtins intercepted, and judges it. */
export function oneSchedule<State>(
  program: ThreadProgram<State>,
  functions: readonly ThreadFunction<State>[],
  strategy: Strategy,
  { running, seed, steps, tell = false }: OneScheduleOptions,
): Judged {
  const engine = new Engine()
  const memory = new SharedMemory()
  const watch = new Locks()
  Object.assign(running, { engine, memory, fiber: null, locks: watch })
  const state = program.setup(engine)
  const performed: Operation[] = []
  const told: ToldStep[] = []
  const bodies = functions.map((run) => (actions: Parameters<typeof run>[1]) => run(state, actions))
  const result = runSchedule(engine, bodies, strategy, {
    memory,
    steps,
    places: tell,
    randomOf: (thread) => lazily(() => new Random(`${seed}/threads/values/${thread}`)),
    runs: (fiber) => {
      running.fiber = fiber
    },
    performed: (operation, answer, fiber) => {
      performed.push(operation)
      followMutex(watch, operation, answer)
      if (tell) told.push(stepOf(operation, answer, fiber))
    },
  })
  for (const { mutex, thread, kind } of result.pending) if (mutex && kind === 'lock') watch.wants(thread, nameOf(mutex))
  return { result, finding: judge(program, state, result, performed, watch), steps: told }
}

function judge<State>(
  program: ThreadProgram<State>,
  state: State,
  result: ScheduleResult,
  performed: readonly Operation[],
  watch: Locks,
): ThreadFinding | null {
  if (result.ending === 'thrown') return { kind: 'thrown', message: said(result.thrown) }
  if (result.ending === 'too-long') {
    return { kind: 'too-long', message: `the threads have not ended after ${result.choices.length} steps` }
  }
  if (result.ending === 'deadlock') return stuck(result.pending, performed, watch.circle())
  if (result.ending === 'done') {
    const wrong = wrongEnd(() => program.final?.(state, result.returned))
    if (wrong !== null) return wrong
  }
  return watch.inversion() ?? (performed.some(isPlain) ? dataRace(performed) : null) ?? mixedSizes(performed)
}

function isPlain({ kind }: Operation): boolean {
  return kind === 'read' || kind === 'write'
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
  if (kind === 'lock' || kind === 'wake' || (kind === 'try-lock' && answer === true)) watch.taken(thread, nameOf(mutex))
  else if (kind === 'unlock' || kind === 'wait') watch.released(thread, nameOf(mutex))
}

function nameOf({ place }: { place: number }): string {
  return `mutex ${-place / 2}`
}

function stepOf({ kind, thread, now }: Operation, answer: unknown, fiber: Fiber): ToldStep {
  const after = now === undefined ? '' : `, now ${String(now())}`
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
