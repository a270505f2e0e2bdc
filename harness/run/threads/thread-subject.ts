import { createHash } from 'node:crypto'
import { type CheckResult, judgeAll, type RunJudgement, withFindings } from '../../check/judge.ts'
import type { Finding, Verdict } from '../../check/verdict.ts'
import { type Defect, type Parts, partsWith } from '../../defect.ts'
import type { History } from '../../history/event.ts'
import type { AnyThreadScenario, ThreadCode } from '../../thread-scenario.ts'
import { choicesToken } from '../../threads/choices-token.ts'
import type { ThreadFinding } from '../../threads/detect/finding.ts'
import type { CompiledModule } from '../../threads/modules/compile-module.ts'
import { type Executor, type Judged, type OneScheduleOptions, oneSchedule } from '../../threads/one-schedule.ts'
import { Running } from '../../threads/running.ts'
import type { Ending } from '../../threads/schedule.ts'
import { follow } from '../../threads/strategy/follow.ts'
import type { Strategy } from '../../threads/strategy/strategy.ts'
import { inThreadWorld } from '../../threads/thread-world.ts'
import type { ToldStep } from '../../threads/told.ts'
import { onlySlow, stuckAround } from '../../threads/watch/overrun.ts'
import { tellStuckThread } from '../../threads/watch/stuck-thread.ts'
import { StuckWatch } from '../../threads/watch/stuck-watch.ts'
import { TimeLimitReached } from '../../watch/time-limit.ts'
import { type RecordNote, recordNote } from './record-note.ts'
import { RecordingClient } from './recording-client.ts'
import { sourcePlaces } from './source-places.ts'
import { nameOf, StuckSchedule, stuckMsOf } from './stuck-schedule.ts'
import { findingOf } from './thread-findings.ts'
import { ThreadRecord } from './thread-record.ts'
import { tapProbes } from './thread-tap.ts'

/** One schedule that was run, with what the checks say of it. */
export interface ThreadTrial {
  readonly ending: Ending
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly results: readonly CheckResult[]
  readonly history: History
  /** How many steps of the schedule were over at each event of the history. */
  readonly eventSteps: readonly number[]
  /** The thread of each step. */
  readonly choices: readonly number[]
  /** The schedule itself, as the engine saw it; null when it never ended. */
  readonly ran: Judged | null
  /** How many calls the threads made. */
  readonly calls: number
  /** The steps with their places, when they were asked for. */
  readonly steps: readonly ToldStep[]
  /** Whether the strategy has more schedules to run. */
  readonly hasMore: boolean
}

/** A schedule that came to an end. */
export interface EndedTrial extends ThreadTrial {
  readonly ran: Judged
}

export interface TrialOptions {
  /** Feeds the random numbers of the threads. */
  readonly seed: number
  /** Whether the steps are wanted with their places, which takes time. */
  readonly tell?: boolean
  /** What runs the threads in place of replay fibers. */
  readonly executor?: Executor
}

/** A copy of the code of a scenario in which plain accesses are seen. */
export interface Rewritten {
  readonly module: CompiledModule
  /** Where the user wrote what stands at a place of it. */
  original(place: string): string
}

/** How many steps a schedule may have. */
const stepsMax = 2_000

/** So many different histories are remembered with what was said of them. */
const judgementsKept = 10_000

/** A scenario of threads as something to explore: each trial is one schedule, from a fresh state to the verdict of the checks. */
export class ThreadSubject {
  readonly scenario: AnyThreadScenario
  readonly defect: Defect | null
  /** The copy of its code that is run; null when it is the code itself. */
  readonly rewritten: CompiledModule | null
  /** Which of its threads may block. */
  readonly canBlock: readonly boolean[]
  readonly #parts: Parts
  readonly #codes: readonly ThreadCode<unknown>[]
  readonly #running = new Running()
  readonly #judgements = new Map<string, RunJudgement>()
  /** What is the same for all schedules. */
  readonly #options: Omit<OneScheduleOptions, 'seed'>
  readonly #watch: StuckWatch
  #record = new ThreadRecord()
  /** What feeds the schedule that runs. */
  #seed = 0

  constructor(
    scenario: AnyThreadScenario,
    defect: Defect | null,
    codes: readonly ThreadCode<unknown>[],
    rewritten: Rewritten | null = null,
  ) {
    const source = sourcePlaces()
    const original = (place: string) => source(rewritten?.original(place) ?? place)
    this.canBlock = scenario.threads.map((thread) => thread.canBlock !== false)
    this.#options = { running: this.#running, steps: stepsMax, original, canBlock: this.canBlock }
    this.#watch = new StuckWatch(this.#running, original)
    this.scenario = scenario
    this.defect = defect
    this.rewritten = rewritten?.module ?? null
    this.#parts = partsWith(scenario.target.parts as Parts, defect, 'server')
    this.#codes = codes
  }

  /**
   * Runs code in which schedules are run, in one go. Meanwhile `Atomics`, clocks and more are intercepted in this thread, so that nothing
   * else may run.
   */
  inWorld<T>(code: () => T): Promise<T> {
    return inThreadWorld(this.#running, this.scenario.plainAccesses === true, () => {
      const end = tapProbes((topic, message) => {
        if (this.isNew) this.#record.probed(this.#process, topic, message)
      })
      try {
        return code()
      } finally {
        end()
      }
    })
  }

  /** Runs one schedule; to be called by code that runs in the world. */
  trial(strategy: Strategy, { seed, tell = false, executor }: TrialOptions): EndedTrial {
    const record = new ThreadRecord()
    this.#record = record
    this.#seed = seed
    const ran = oneSchedule(
      { setup: () => this.#setUp(), threads: [], final: (state) => this.#lookAtTheEnd(state) },
      this.#codes.map((code, thread) => (state: unknown) => this.#run(code, thread, state)),
      this.#watch.noting(recorded(strategy, record)),
      { ...this.#options, seed, tell, ...(executor && { executor }) },
    )
    record.enter('audit', 1)
    record.audit(1)
    const { result, finding, steps } = ran
    const { ending, choices, pending } = result
    const seen = { ending, choices, ran, steps, history: record.history, eventSteps: record.steps, calls: record.calls }
    const hasMore = strategy.end(pending)
    if (ending === 'redundant') return { ...seen, verdict: 'unknown', findings: [], results: [], hasMore }
    return { ...seen, ...this.#judged(record.history, finding), hasMore }
  }

  /** Checks see nothing but the history, and most schedules have one that another one had before. */
  #judged(history: History, found: ThreadFinding | null): Words {
    const key = JSON.stringify(history)
    const judgement = this.#judgements.get(key) ?? judgeAll(this.scenario.checks, history)
    if (this.#judgements.size < judgementsKept) this.#judgements.set(key, judgement)
    return joined(found, judgement)
  }

  /** The code of a thread has done something on a real worker. */
  noted(thread: number, note: RecordNote): void {
    recordNote(this.#record, thread, note)
  }

  /** How long a thread may run between two operations. */
  get stuckMs(): number {
    return stuckMsOf(this.scenario)
  }

  /**
   * Runs code, in the world, that takes so long by itself at the most. When a thread never comes back it is ended, and what is
   * thrown is a {@link StuckSchedule}. Throws `ERR_SCENARIO_INVALID` when it is the code around the threads.
   */
  limited<T>(usualMs: number, code: () => T): T {
    try {
      return this.#watch.limited(usualMs + this.stuckMs, code)
    } catch (thrown) {
      if (!(thrown instanceof TimeLimitReached)) throw thrown
      throw new StuckSchedule(this.#stuckTrial())
    }
  }

  /** The same of one schedule, which is told of when it is stuck. */
  limitedTrial(strategy: Strategy, options: TrialOptions): ThreadTrial {
    try {
      return this.limited(0, () => this.trial(strategy, options))
    } catch (thrown) {
      if (thrown instanceof StuckSchedule) return thrown.trial
      throw thrown
    }
  }

  get record(): ThreadRecord {
    return this.#record
  }

  /** Whether the code runs where it has not run before. */
  get isNew(): boolean {
    return this.#running.fiber?.isNew ?? true
  }

  get #process(): string {
    const { fiber } = this.#running
    return fiber === null ? 'main' : `t${fiber.thread}`
  }

  /** A schedule took too long: goes there once more, to see the steps before and the line where its thread is. */
  #stuckTrial(): ThreadTrial {
    const { stuckMs, scenario } = this
    const overrun = this.#watch.overrun((choices) => {
      this.trial(follow(choices), { seed: this.#seed, tell: true })
    })
    if (overrun === 'around') throw stuckAround(nameOf(scenario), stuckMs)
    if (overrun === 'slow') throw onlySlow(nameOf(scenario), stuckMs)
    const { fiber, line, choices } = overrun
    const finding = tellStuckThread(fiber, stuckMs, line)
    const { history, steps: eventSteps, calls } = this.#record
    const seen = {
      ending: 'too-long',
      choices,
      ran: null,
      steps: this.#running.told,
      history,
      eventSteps,
      calls,
    } as const
    return { ...seen, ...this.#judged(history, finding), hasMore: false }
  }

  #setUp(): unknown {
    const state = this.scenario.setup({ parts: this.#parts })
    this.#record.audit(0)
    this.#record.enter('storm', 1)
    return state
  }

  #run(code: ThreadCode<unknown>, thread: number, state: unknown): unknown {
    return code(state, { parts: this.#parts, client: new RecordingClient(this, thread) })
  }

  #lookAtTheEnd(state: unknown): void {
    this.#record.enter('settle', 1)
    this.scenario.final?.(state, { parts: this.#parts, client: new RecordingClient(this, null) })
  }
}

/** A strategy that tells the record of each step, before it is performed. */
function recorded(strategy: Strategy, record: ThreadRecord): Strategy {
  return {
    name: strategy.name,
    begin: () => strategy.begin(),
    pick: (enabled, pending) => {
      const operation = strategy.pick(enabled, pending)
      if (operation !== null && operation.kind !== 'deliver') record.performs(operation.thread)
      return operation
    },
    end: (pending) => strategy.end(pending),
  }
}

type Words = Pick<ThreadTrial, 'verdict' | 'findings' | 'results'>

/** What was found in a schedule, and what the checks say of its history; of one and the same promise, only the former. */
function joined(found: ThreadFinding | null, judgement: RunJudgement): Words {
  if (found === null) return judgement
  const own = findingOf(found)
  return withFindings(judgement, [own, ...judgement.findings.filter(({ check }) => check !== own.check)])
}

/** A hash of all that was done in a schedule, and all that was seen. */
export function traceHashOf({ choices, history }: Pick<ThreadTrial, 'choices' | 'history'>): string {
  return createHash('sha256').update(choicesToken(choices)).update(JSON.stringify(history)).digest('hex')
}
