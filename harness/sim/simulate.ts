import { HarnessError } from '../errors.ts'
import { active } from './active.ts'
import type { SimFinding } from './core/finding.ts'
import type { Footprints } from './core/footprints.ts'
import { Lane } from './core/lane.ts'
import { Simulation } from './core/simulation.ts'
import { dispose } from './dispose.ts'
import { RealWorkGuard } from './guard/real-work-guard.ts'
import { describe, takeListeners } from './guard/schedule-listeners.ts'
import type { SimLeftover } from './leftovers.ts'
import { ScheduleResult } from './schedule-result.ts'
import { type Sim, simOf } from './sim.ts'
import { randomWalk } from './strategy/random-walk.ts'
import { type Divergence, replayOf } from './strategy/replay.ts'
import type { Strategy } from './strategy/strategy.ts'

/** The code to simulate: starts servers and clients, and resolves when it has seen enough. */
export type Simulated<T> = (sim: Sim) => T | Promise<T>

export interface SimulateOptions {
  /** Feeds all randomness of the schedule; 1 by default. */
  seed?: number
  /** Picks the order of events; a random walk of the seed by default. */
  strategy?: Strategy
  /** The steps after which a schedule is given up; 50,000 by default. */
  maxSteps?: number
  /** The virtual time after which it is given up; ten minutes by default. */
  maxVirtualMs?: number
  /** How long, in virtual time, what the function left behind may take to end by itself; one second by default. */
  settleMs?: number
  /** How long a callback may keep the processor, at most, in virtual time; 0 by default. */
  cpuMs?: number
  /** How much later than it could something from outside may happen, at most, in virtual time; 20 by default. */
  windowMs?: number
  /** Whether to keep the trace and its hash; true by default. Without it schedules run a little faster. */
  trace?: boolean
  /** The names of planned faults that do not happen, of {@link SimResult.faults}; none by default. */
  withoutFaults?: readonly string[]
  /**
   * Whether leftovers say where and when they were opened; false by default. It makes a schedule several times slower and
   * changes nothing else, so that it is for the repetition of one that has left something behind.
   */
  places?: boolean
  /**
   * Whether errors carry stack traces; true by default. Exploring without them is faster, and the schedule is the same
   * when it is run again with them, unless the code under test sends stacks over the wire.
   */
  stacks?: boolean
  /**
   * Whether to look where real asynchronous operations are started; false by default. It makes a schedule several times
   * slower, so that it is for the repetition of one that got stuck; {@link simulate} does that by itself.
   */
  watch?: boolean
  /** Where to note what each event touches, for a search that leaves out orders that cannot matter; nowhere by default. */
  footprints?: Footprints
}

/**
 * How a schedule ended. `done`: the function has settled. `idle`: it waits, and nothing will ever happen.
 * `step-bound` and `time-bound`: it still went on when a bound was reached. `exited`: it ended its own process.
 */
export type SimStatus = 'done' | 'idle' | 'step-bound' | 'time-bound' | 'exited'

export interface SimResult<T> {
  readonly status: SimStatus
  /** What the function resolved to. */
  readonly value: T | undefined
  /** One line for each step: the time, the event and what it was. */
  readonly trace: readonly string[]
  /** The process in which each line of the trace happened. */
  readonly nodes: readonly string[]
  /** Equal for equal schedules, wire bytes included; empty without a trace. */
  readonly hash: string
  /** What went wrong in the code under test. */
  readonly findings: readonly SimFinding[]
  /** The names of the faults that `sim.fault` has put on, in that order, such as `1:partition`. */
  readonly faults: readonly string[]
  /** What was still open or armed at the end, the settling time included. */
  readonly leftovers: readonly SimLeftover[]
  /** What was waiting when a function did not settle: why it is stuck. */
  readonly pending: readonly string[]
  /** The key of each step's event: what `replay` takes. */
  readonly choices: readonly string[]
  readonly steps: number
  readonly virtualMs: number
}

/** The result of a replay; it is the same schedule when it has not diverged. */
export interface ReplayResult<T> extends SimResult<T> {
  /** Where the schedule could not follow the recorded choices, and why; null when it did. */
  readonly divergence: (Divergence & { readonly code: 'ERR_REPLAY_DIVERGED'; readonly message: string }) | null
}

/**
 * Runs a function in a simulated world, once: one schedule. Needs `raceproof/register` to have been imported before any
 * library that the function uses.
 */
export async function simulate<T>(run: Simulated<T>, options: SimulateOptions = {}): Promise<SimResult<T>> {
  requireRegistered()
  const result = await fromMacrotask(() => simulateNow(run, options))
  return mayHaveRealWork(result) && !options.watch ? diagnosed(run, options, result) : result
}

/** Runs a schedule that got stuck again, and looks for what it waits for. */
async function diagnosed<T>(run: Simulated<T>, options: SimulateOptions, result: SimResult<T>): Promise<SimResult<T>> {
  const repetition = { ...options, strategy: replayOf(result.choices), watch: true }
  const again = await fromMacrotask(() => simulateNow(run, repetition))
  return again.choices.join() === result.choices.join() ? again : result
}

function mayHaveRealWork({ status, findings }: SimResult<unknown>): boolean {
  return status === 'idle' || status === 'time-bound' || findings.some(({ kind }) => kind === 'real-work')
}

/** Runs the same function in the order of a recorded schedule. The other options must be those of the recorded run. */
export async function replay<T>(
  run: Simulated<T>,
  choices: readonly string[],
  options: Omit<SimulateOptions, 'strategy'> = {},
): Promise<ReplayResult<T>> {
  requireRegistered()
  const strategy = replayOf(choices)
  return fromMacrotask(() => {
    const result = simulateNow(run, { ...options, strategy })
    return Object.assign(result, { divergence: divergenceOf(strategy.divergence, strategy.followed, choices) })
  })
}

/**
 * Like {@link simulate}, for whoever runs many schedules in a row. It must be called from a macrotask (a timer or an
 * immediate), not from a promise's continuation: there Node does not run ticks.
 */
export function simulateNow<T>(run: Simulated<T>, options: SimulateOptions = {}): SimResult<T> {
  requireRegistered()
  const seed = options.seed ?? 1
  const simulation = new Simulation({
    seed,
    strategy: options.strategy ?? randomWalk(seed),
    windowMs: options.windowMs ?? 20,
    cpuMs: options.cpuMs ?? 0,
    trace: options.trace ?? true,
    beat: active.beat,
    withoutFaults: options.withoutFaults,
    places: options.places ?? false,
    footprints: options.footprints,
  })
  return alone(simulation, options.stacks ?? true, () => {
    for (const prepare of active.atStart) prepare(simulation)
    return runSchedule(simulation, run, options)
  })
}

/** Gives the thread to the schedule, and takes it back whatever happens. */
function alone<T>(simulation: Simulation, stacks: boolean, run: () => T): T {
  const restoreListeners = takeListeners(simulation)
  const { stackTraceLimit } = Error
  if (!stacks) Error.stackTraceLimit = 0
  active.current = simulation
  active.giveBack = () => {
    active.current = undefined
    active.giveBack = undefined
    Error.stackTraceLimit = stackTraceLimit
    restoreListeners()
  }
  try {
    return run()
  } finally {
    try {
      dispose(simulation)
    } finally {
      active.giveBack()
    }
  }
}

/**
 * Gives the thread back when the code of a schedule was ended from outside, in the middle of a callback; returns the keys of
 * the events until then, that one included. What the code has left in its modules is as it was at that moment.
 */
export function abandonSchedule(): readonly string[] {
  const { current, giveBack } = active
  const choices = [...(current?.choices ?? [])]
  current?.end()
  giveBack?.()
  return choices
}

function runSchedule<T>(simulation: Simulation, run: Simulated<T>, options: SimulateOptions): SimResult<T> {
  const realWork = new RealWorkGuard(options.watch ?? false)
  const outcome = start(simulation, run)
  const { network, ledger, strategy } = simulation
  const end = simulation.run({
    strategy,
    untilMs: options.maxVirtualMs ?? 600_000,
    untilStep: options.maxSteps ?? 50_000,
    isReached: () => outcome.isSettled,
    // An open server keeps a real process alive, and with it the timers that do not.
    keepsGoing: () => network.hasRefs || ledger.keepsAlive,
  })
  const pending = end === 'done' ? [] : simulation.pending()
  if (end === 'done') settle(simulation, options)
  const stuck = realWork.judge(simulation)
  return new ScheduleResult(simulation, {
    status: end === 'stopped' ? 'exited' : end,
    value: outcome.value,
    pending: end === 'done' ? [] : [...stuck, ...pending],
  })
}

interface Outcome<T> {
  isSettled: boolean
  value: T | undefined
}

/** The function is the schedule's first event. */
function start<T>(simulation: Simulation, run: Simulated<T>): Outcome<T> {
  const outcome: Outcome<T> = { isSettled: false, value: undefined }
  const settled = (value: T | undefined) => Object.assign(outcome, { isSettled: true, value })
  const failed = (reason: unknown) => {
    simulation.find('rejected', describe(reason), reason)
    settled(undefined)
  }
  simulation.push(new Lane('start', simulation.node, 'poll'), {
    label: 'the function',
    run: () => {
      simulation.node.phase = 'start'
      ;(async () => run(simOf(simulation)))().then(settled, failed)
    },
  })
  return outcome
}

/** Lets what was left behind end by itself, as far as it keeps a process alive. */
function settle(simulation: Simulation, { settleMs = 1000, maxSteps = 50_000 }: SimulateOptions): void {
  simulation.run({
    strategy: simulation.strategy,
    untilMs: simulation.nowMs + settleMs,
    untilStep: maxSteps,
    isReached: () => false,
    keepsGoing: () => false,
  })
}

function divergenceOf(
  divergence: Divergence | null,
  followed: number,
  choices: readonly string[],
): ReplayResult<unknown>['divergence'] {
  const code = 'ERR_REPLAY_DIVERGED'
  if (divergence !== null) {
    const expected = divergence.expected ?? 'the end of the schedule'
    const message = `the replay diverged at step ${divergence.step}: expected ${expected}, but what could happen was ${divergence.enabled.join(', ')}; the code under test, its data or the seed are not those of the recording`
    return { ...divergence, code, message }
  }
  if (followed === choices.length) return null
  const message = `the replay ended at step ${followed}, where the recording went on with ${choices[followed]}; the code under test, its data or the seed are not those of the recording`
  return { step: followed, expected: choices[followed] ?? null, enabled: [], code, message }
}

function fromMacrotask<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    active.real.setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** Throws `ERR_NOT_REGISTERED` when the builtins of this thread are not replaced, and `ERR_USAGE` inside a schedule. */
export function requireRegistered(): void {
  if (!active.installed) {
    throw new HarnessError(
      'ERR_NOT_REGISTERED',
      "the simulated world is not registered; start node with `--import raceproof/register`, or put 'raceproof/register' first in vitest's setupFiles",
    )
  }
  if (active.current !== undefined) {
    throw new HarnessError(
      'ERR_USAGE',
      'a schedule runs already in this thread; one simulation does not nest in another',
    )
  }
}
