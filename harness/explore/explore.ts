import { expectCount } from '../errors.ts'
import { requireRegistered, type Simulated } from '../sim/simulate.ts'
import type { Outcome } from './exploration.ts'
import { exploreWith, fromMacrotask } from './explore-subject.ts'
import { explorerOf } from './explorer.ts'
import { functionSubject, type ScheduleBounds } from './function-subject.ts'
import { parseReplayToken, replayToken } from './replay-token.ts'
import { Attempts } from './shrink/attempt.ts'
import { shrink } from './shrink/shrink.ts'
import { endedOutcome, ScheduleEnded } from './stuck-schedule.ts'
import type { Judged, Subject } from './subject.ts'
import { closerLook } from './told/closer-look.ts'
import { type ToldFailure, tellFailure } from './told/tell-failure.ts'
import { timeLineOf } from './told/time-line.ts'

export interface ExploreOptions extends ScheduleBounds {
  /** How the function is called in reports; its own name when it is left out. */
  name?: string
  /** How many schedules are run at the most; 1,000 by default. */
  schedules?: number
  /** Feeds everything; 1 by default, so that a test always does the same. */
  seed?: number
  /**
   * How orders are picked: a name such as `random`, `pct:3` or `portfolio`, which is the default. `exhaustive` runs all
   * orders of something small, but for those that only swap what processes do that have nothing to do with each other: it
   * takes for granted that functions given to `sim.process` share no variables.
   */
  strategy?: string
  /** Whether what the function leaves open is a failure; true by default. */
  leftovers?: boolean
  /**
   * How long a schedule may take, in milliseconds of real time; 30,000 by default. One that takes longer, and is in the same
   * step when it is played again, has an endless loop in it: it is ended, and the failure says on which line it was. The same
   * goes for a replay, and ends the search for a smaller failure with the smallest until then.
   */
  stuckMs?: number
  /** Ends it after the schedule that runs: what was seen until then counts, and the result says that it was interrupted. */
  signal?: AbortSignal
  /** Run this one schedule only: what the message of a failure says. */
  replay?: string
}

/** What an exploration that found nothing has to say. */
export interface Explored {
  schedules: number
  /** How many different orders of events were among them. */
  distinct: number
  /** New orders have stopped coming. */
  saturated: boolean
  /** All orders that there are were run, for the data of this seed; only `exhaustive` can say so. */
  exhausted: boolean
  /** The signal ended it before all schedules were run: that nothing was found proves nothing. */
  interrupted: boolean
  /** Equal for equal seeds. */
  traceHash: string
  /** What else is to be known, as that it was interrupted, or `exhaustive` did not come to the end; or null. */
  note: string | null
}

/** Thrown by {@link explore}: the message tells the failure, as small as it could be made. */
export class ExplorationFailed extends Error {
  readonly findings: Judged['findings']
  /** For the option `replay`; the seed alone of a failure that no holds bring back, whose message says how to see it again. */
  readonly replay: string

  constructor(message: string, findings: Judged['findings'], replay: string) {
    super(message)
    this.name = 'ExplorationFailed'
    this.findings = findings
    this.replay = replay
  }
}

/**
 * Runs a function many times in a simulated world, each time in another order of events: with the servers and clients
 * that it starts, virtual time, and nothing real. It fails when the function throws in one of them, when an error goes
 * unhandled, when everything waits for ever, or when something is left open.
 *
 * ```ts
 * await explore(async (sim) => {
 *   const server = await sim.process('server', startServer)
 *   const [a, b] = await Promise.all([reserve('seat-1'), reserve('seat-1')])
 *   expect([a.status, b.status].sort()).toEqual([201, 409])
 * })
 * ```
 *
 * Throws an {@link ExplorationFailed} that tells the failure; `ERR_NOT_REGISTERED` when `raceproof/register` was not
 * loaded first; `ERR_NONDETERMINISM` when the function does not do the same for the same seed; `ERR_UNKNOWN_NAME` for a
 * strategy that does not exist; `ERR_USAGE` for a number of schedules or milliseconds that is none; `ERR_SCENARIO_INVALID` when
 * a schedule takes longer than `stuckMs` without being stuck.
 */
export async function explore(run: Simulated<unknown>, options: ExploreOptions = {}): Promise<Explored> {
  requireRegistered()
  const {
    name = run.name || 'the function',
    schedules = 1000,
    seed = 1,
    strategy = 'portfolio',
    stuckMs = 30_000,
    signal,
    replay,
  } = options
  const { leftovers = true, maxSteps, maxVirtualMs, settleMs, cpuMs, windowMs } = options
  expectCount('schedules', schedules)
  expectCount('stuckMs', stuckMs)
  const subject = functionSubject(run, { name, leftovers, maxSteps, maxVirtualMs, settleMs, cpuMs, windowMs })
  if (replay !== undefined) return replayOne(subject, replay, stuckMs)
  const exploration = await exploreWith(explorerOf(subject, { seed, strategy }), { schedules, signal, stuckMs })
  const { told } = exploration
  if (told?.told) throw await fromMacrotask(() => failureOf(subject, told, { schedules, seed, strategy, stuckMs }))
  const { distinct, saturated, exhausted, interrupted, traceHash, note } = exploration
  return { schedules: exploration.schedules, distinct, saturated, exhausted, interrupted, traceHash, note }
}

/** What there is to say of one schedule that was run again. */
const once = { schedules: 1, distinct: 1, saturated: false, exhausted: false, interrupted: false, note: null }

/** Runs one schedule again. */
function replayOne(subject: Subject, token: string, stuckMs: number): Promise<Explored> {
  const { seed, holds } = parseReplayToken(token)
  const told = { name: subject.name, holds, seed, replay: token }
  return fromMacrotask(() => {
    const attempts = new Attempts(subject, 'any', { stuckMs })
    try {
      const { judged, result, ...attempt } = closerLook(attempts, attempts.run({ seed }, holds))
      if (judged.verdict === 'valid') return { ...once, traceHash: result.hash }
      const timeLine = timeLineOf(result, judged, attempt.holds)
      throw failed({ ...told, findings: judged.findings, timeLine })
    } catch (thrown) {
      if (!(thrown instanceof ScheduleEnded)) throw thrown
      const playAgain = () => new Attempts(subject, 'any').run({ seed }, holds)
      const outcome = endedOutcome({ index: 0, seed, strategy: 'replay' }, thrown.choices, playAgain, stuckMs)
      throw failed({ ...told, findings: outcome.told!.judged.findings, timeLine: noTimeLine })
    }
  })
}

type Asked = Required<Pick<ExploreOptions, 'schedules' | 'seed' | 'strategy' | 'stuckMs'>>

/** The failure made small and told; as it was found, when it cannot be made small. */
function failureOf(subject: Subject, outcome: Outcome, asked: Asked): ExplorationFailed {
  const { index, seed, strategy, told } = outcome
  const { choices, judged } = told as NonNullable<Outcome['told']>
  // One that never came back would not do so when it is made small.
  if (choices.length === 0) return failureAsFound(subject, outcome, asked)
  const schedule = { number: index + 1, of: asked.schedules, strategy }
  const small = shrink(subject, { variant: { seed }, choices, judged }, { stuckMs: asked.stuckMs })
  if (small === null) return failureAsFound(subject, outcome, asked)
  const seen = closerLook(new Attempts(subject, judged.findings[0] ?? 'any'), small)
  const timeLine = timeLineOf(seen.result, seen.judged, small.holds)
  const { findings } = seen.judged
  const replay = replayToken({ seed, holds: small.holds })
  return failed({ name: subject.name, schedule, findings, timeLine, holds: small.holds, seed, replay })
}

/** Of a schedule that never came back there are no events that could be told. */
const noTimeLine = { actors: [], rows: [], programs: [], steps: 0, leftOut: 0 }

/** Only the whole exploration comes upon it again, which ends with it. */
function failureAsFound(subject: Subject, { index, told, ...found }: Outcome, asked: Asked): ExplorationFailed {
  const { choices, judged } = told as NonNullable<Outcome['told']>
  const { seed } = found
  const cameBack = choices.length > 0
  const timeLine = cameBack
    ? timeLineOf(new Attempts(subject, 'any').inOrder({ seed }, choices).result, judged, [])
    : noTimeLine
  const about = {
    name: subject.name,
    schedule: { number: index + 1, of: asked.schedules, strategy: found.strategy },
    findings: judged.findings,
    timeLine,
    holds: [],
    isAsFound: cameBack,
    seed,
    replay: replayToken({ seed, holds: [] }),
  }
  return failed(about, `{ seed: ${asked.seed}, strategy: '${asked.strategy}', schedules: ${index + 1} }`)
}

function failed(told: ToldFailure, again = `{ replay: '${told.replay}' }`): ExplorationFailed {
  const message = tellFailure({ ...told, replay: `explore(fn, ${again})` })
  return new ExplorationFailed(message, told.findings, told.replay)
}
