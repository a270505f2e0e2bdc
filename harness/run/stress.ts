import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Check } from '../check/check.ts'
import { judgeAll, type RunJudgement } from '../check/judge.ts'
import { serverErrors } from '../check/server-errors.ts'
import type { Watch } from '../check/watch.ts'
import type { Defect } from '../defect.ts'
import { HarnessError, messageOf } from '../errors.ts'
import type { Phase } from '../history/event.ts'
import { Journal } from '../history/journal.ts'
import { Recorder } from '../history/recorder.ts'
import type { Launch } from '../live/launch.ts'
import { LiveWorld } from '../live/live-world.ts'
import { RunClock } from '../live/run-clock.ts'
import type { Exit } from '../live/target-process.ts'
import { Random } from '../random.ts'
import type { ScenarioRun } from '../record.ts'
import type { AnyScenario } from '../scenario.ts'
import { makeFolder } from './make-folder.ts'
import type { LiveProgress } from './progress.ts'
import { everything } from './roster.ts'
import { playRound, type RoundEnd, whyNothingProved } from './round.ts'
import { mistakeOf } from './script.ts'
import { summarize } from './summarize.ts'
import { Tally } from './tally.ts'

export interface StressOptions {
  defect: Defect | null
  seed: number
  clients: number
  /**
   * How long the rounds may go on; the one that is going on then is finished. At least three are played, and a few more
   * than asked for where a check would know after them.
   */
  seconds: number
  /** At most this many rounds. */
  rounds?: number
  /** The folder for the history; it is made when it is missing. */
  runDir: string
  /** The history's file in it, `history.jsonl` unless told otherwise. */
  historyName?: string
  launch: Launch
  /** Ends the run: everything is healed and stopped, and what was seen until then is judged. */
  signal: AbortSignal
  progress(progress: LiveProgress): void
  /** The command that runs it again, for the record. */
  replayCommand: string
  /** How long the target may take to get ready. */
  readyTimeoutMs?: number
  /** How long nothing may happen before what is open, when the faults have healed, is given up; 10 s unless told otherwise. */
  settleMs?: number
  /** How long the target may take to be at rest after a round; 10 s unless told otherwise. */
  restMs?: number
  /** How long the target may take to stop. */
  graceMs?: number
}

/** Thrown when a run cannot go on, with what was seen until then. */
export class StressCutOff extends HarnessError {
  readonly run: ScenarioRun

  constructor(error: unknown, run: ScenarioRun) {
    const { code, message } =
      error instanceof HarnessError ? error : { code: 'ERR_INTERNAL' as const, message: messageOf(error) }
    super(code, message, { cause: error })
    this.name = 'StressCutOff'
    this.run = run
  }
}

/** Why a run ends before its rounds are done. */
type Cut = { why: 'interrupted' } | { why: 'exited'; exit: Exit } | { why: 'unwritable'; error: HarnessError }

const fewestRounds = 3

/** Rounds that are played at most when time is up or all are played, for a check that asks for more. */
const mostExtraRounds = 6
const flushMs = 200
const reportMs = 200

/**
 * Runs a scenario live: boots the target, plays rounds of storm, heal, settle and audit until the time is used or a
 * check finds something, stops the target, and judges the whole history. The history is written to `runDir` all along.
 *
 * Throws a {@link StressCutOff}, with the run as far as it came, when the target cannot be started or is ended from
 * outside, when the scenario breaks a rule of the harness, or when the history cannot be written any more; and
 * `ERR_OUTPUT` when it cannot even be created. Whatever happens, no process, port or temporary file is left.
 */
export async function stress(scenario: AnyScenario, options: StressOptions): Promise<ScenarioRun> {
  const path = join(options.runDir, options.historyName ?? 'history.jsonl')
  await makeFolder(options.runDir).catch((error: unknown) => {
    throw new HarnessError('ERR_OUTPUT', `cannot make the folder ${options.runDir}: ${messageOf(error)}`)
  })
  return new StressRun(scenario, options, await Journal.create(path)).run()
}

/** One run, from the boot to the verdict. */
class StressRun {
  readonly #scenario: AnyScenario
  readonly #options: StressOptions
  readonly #journal: Journal
  readonly #clock = new RunClock()
  readonly #tally = new Tally()
  readonly #recorder: Recorder
  readonly #cut = new AbortController()
  /** What looks at the run while it goes on; aborts `enough` when one of them has seen what is wrong for certain. */
  readonly #watches: readonly Watch[]
  readonly #enough = new AbortController()
  readonly #random: Random
  readonly #notes = new Set<string>()
  readonly #timers: NodeJS.Timeout[] = []
  #world: LiveWorld | null = null
  #phase: Phase = 'boot'
  #round = 0
  #stormBeganMs = 0
  #findings = 0
  /** A check would know after more rounds. */
  #wantsMore = false
  #extraRounds = 0
  /** Something kept the run from showing what it was meant to show. */
  #inconclusive = false
  /** Another round would find what this one has left. */
  #isRestless = false

  constructor(scenario: AnyScenario, options: StressOptions, journal: Journal) {
    this.#scenario = scenario
    this.#options = options
    this.#journal = journal
    this.#watches = scenario.checks.flatMap((check: Check) => check.watch?.() ?? [])
    this.#random = new Random(options.seed).fork(scenario.name)
    this.#recorder = new Recorder(
      () => this.#clock.now(),
      (event) => {
        this.#journal.add(event)
        this.#tally.note(event)
        if (this.#watches.some((watch) => watch.see(event))) this.#enough.abort()
      },
    )
  }

  async run(): Promise<ScenarioRun> {
    const interrupt = () => this.#endEarly({ why: 'interrupted' })
    const { signal } = this.#options
    setMaxListeners(0, this.#cut.signal, this.#enough.signal)
    if (signal.aborted) interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    this.#timers.push(
      setInterval(() => this.#flush(), flushMs),
      setInterval(() => this.#report(), reportMs),
    )
    const failures = await failuresOf([() => this.#play(), () => this.#stop()])
    signal.removeEventListener('abort', interrupt)
    for (const timer of this.#timers) clearInterval(timer)
    await this.#journal.close()
    return this.#conclude(failures[0] ?? null)
  }

  async #play(): Promise<void> {
    this.#enter('boot')
    this.#world = await this.#boot()
    void this.#world.died.then((exit) => this.#endEarly({ why: 'exited', exit }))
    this.#recorder.write(await this.#world.takeBaseline())
    this.#stormBeganMs = this.#clock.now()
    while (this.#goesOn()) {
      this.#round++
      this.#take(await this.#playRound(this.#world))
      const { findings, moreRounds = false } = this.#judge()
      this.#findings = findings.length
      this.#wantsMore = moreRounds
    }
  }

  #boot(): Promise<LiveWorld> {
    const { defect, launch, readyTimeoutMs = 15_000, graceMs = 10_000 } = this.#options
    return LiveWorld.boot({
      target: this.#scenario.target,
      defect,
      config: this.#scenario.config ?? {},
      processes: this.#scenario.processes ?? 1,
      launch,
      random: this.#random,
      clock: this.#clock,
      recorder: this.#recorder,
      readyTimeoutMs,
      graceMs,
      signal: this.#cut.signal,
    })
  }

  #playRound(world: LiveWorld): Promise<RoundEnd> {
    const { clients, seconds, settleMs = 10_000, restMs = 10_000 } = this.#options
    return playRound({
      scenario: this.#scenario,
      world,
      recorder: this.#recorder,
      tally: this.#tally,
      random: this.#random.fork(`round-${this.#round}`),
      round: this.#round,
      clients,
      roster: everything,
      stormMs: seconds * 1000,
      settleMs,
      restMs,
      cut: this.#cut.signal,
      enough: this.#enough.signal,
      enter: (phase) => this.#enter(phase),
    })
  }

  /** Whether another round is to be played. */
  #goesOn(): boolean {
    if (this.#cut.signal.aborted || this.#isRestless || this.#findings > 0) return false
    return this.#isAskedFor() || (this.#wantsMore && this.#extraRounds++ < mostExtraRounds)
  }

  #isAskedFor(): boolean {
    const { rounds = Number.POSITIVE_INFINITY, seconds } = this.#options
    if (this.#round >= rounds) return false
    return this.#round < fewestRounds || this.#clock.now() - this.#stormBeganMs < seconds * 1000
  }

  /** Takes note of how a round's script ended. Throws when the script itself is wrong. */
  #take(end: RoundEnd): void {
    if (end === null || end.how === 'done') return
    if (end.how === 'mistaken') throw mistakeOf(this.#scenario, end.thrown)
    this.#inconclusive = true
    this.#isRestless = end.how === 'restless'
    for (const note of whyNothingProved(`In round ${this.#round}`, end)) this.#notes.add(note)
  }

  async #stop(): Promise<void> {
    this.#enter('stop')
    await this.#world?.stop()
  }

  /** The run as it is told, or thrown when it was cut off. */
  #conclude(failure: unknown): ScenarioRun {
    const cut = this.#cutBy()
    const error = this.#errorOf(failure, cut)
    if (error !== null) this.#notes.add(messageOf(error))
    if (error !== null || cut?.why === 'interrupted') this.#inconclusive = true
    const { defect, seed, clients, historyName = 'history.jsonl', replayCommand } = this.#options
    const run = summarize(this.#journal.history(), this.#judge(), {
      scenario: this.#scenario,
      world: 'live',
      explored: null,
      defect: defect?.name ?? null,
      seed,
      clients,
      rounds: this.#round,
      durationMs: Math.round(this.#clock.now()),
      history: historyName,
      replay: replayCommand,
      notes: [...this.#notes],
      inconclusive: this.#inconclusive,
    })
    if (error === null) return run
    throw new StressCutOff(error, run)
  }

  /** Why the run could not go on. What fails because the target died or the user interrupted is no failure of its own. */
  #errorOf(failure: unknown, cut: Cut | null): unknown {
    if (cut?.why === 'unwritable') return cut.error
    if (cut?.why === 'exited' && cut.exit.cause === 'outside') return endedFromOutside(cut.exit)
    return cut === null ? (failure ?? this.#journal.failure) : this.#journal.failure
  }

  #judge(): RunJudgement {
    const { checks } = this.#scenario
    const died = this.#cutBy()?.why === 'exited'
    // A target that dies is wrong whatever the scenario looks at.
    const missing: Check[] = died && !checks.some(({ name }: Check) => name === 'server-errors') ? [serverErrors()] : []
    return judgeAll([...checks, ...missing], this.#journal.history())
  }

  #cutBy(): Cut | null {
    return this.#cut.signal.aborted ? (this.#cut.signal.reason as Cut) : null
  }

  #endEarly(cut: Cut): void {
    if (this.#cut.signal.aborted) return
    if (cut.why === 'interrupted') this.#notes.add(`The run was interrupted in round ${this.#round}, ${this.#phase}.`)
    this.#cut.abort(cut)
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#recorder.write({ type: 'phase', timeMs: this.#recorder.timeMs(), phase, round: this.#round })
    this.#report()
  }

  #flush(): void {
    void this.#journal.flush(this.#world?.watermarkMs ?? this.#clock.now() - flushMs)
    if (this.#journal.failure) this.#endEarly({ why: 'unwritable', error: this.#journal.failure })
  }

  #report(): void {
    const { calls, openCalls } = this.#tally
    this.#options.progress({
      world: 'live',
      phase: this.#phase,
      round: this.#round,
      rounds: this.#expectedRounds(),
      calls,
      open: openCalls,
      findings: this.#findings,
    })
  }

  /** As many as were asked for, or as will fit into the time if they take as long as those so far; or more, once they are played. */
  #expectedRounds(): number {
    const { rounds = Number.POSITIVE_INFINITY, seconds } = this.#options
    const roundMs = (this.#clock.now() - this.#stormBeganMs) / Math.max(1, this.#round)
    const fitting = this.#round < fewestRounds ? fewestRounds : Math.ceil((seconds * 1000) / roundMs)
    return Math.max(this.#round, Math.min(rounds, fitting))
  }
}

/** Does one thing after the other, whatever becomes of the first, and returns what they threw. */
async function failuresOf(steps: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const failures: unknown[] = []
  for (const step of steps) await step().catch((thrown: unknown) => failures.push(thrown))
  return failures
}

function endedFromOutside({ detail }: Exit): HarnessError {
  return new HarnessError(
    'ERR_TARGET_EXITED',
    `the target was ended from outside: it ${detail}. The run was cut off; what had been seen until then was judged`,
  )
}
