import { resources } from 'raceproof/probe'
import type { Admission } from './admission.ts'
import type { Ending } from './ending.ts'
import type { ErrorReporter } from './error-reporter.ts'
import type { EventStream } from './event-stream.ts'
import type { Metrics } from './metrics.ts'
import { labelOf, Plan, type PlanKey, type PlanRecord } from './plan.ts'
import type { PlanLocks } from './plan-locks.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { PlanStore } from './plan-store.ts'
import type { Execution, Outcome, ProcessRunner } from './process-runner.ts'
import { Refusal } from './refusal.ts'
import type { OutputSource } from './stream-event.ts'
import type { StreamHub } from './stream-hub.ts'

export interface PlanRegistryOptions {
  locks: PlanLocks
  store: PlanStore
  hub: StreamHub
  runner: ProcessRunner
  admission: Admission
  metrics: Metrics
  errors: ErrorReporter
  progressEveryLines: number
}

/**
 * The life of every plan, from acceptance to its end. All that decides about a plan happens under the lock of its id,
 * or looks again after it has waited.
 */
export class PlanRegistry {
  /** The plans that have not ended, by id. The others are in the database only. */
  protected active: Map<string, Plan> = new Map()
  protected readonly locks: PlanLocks
  protected readonly store: PlanStore
  protected readonly hub: StreamHub
  protected readonly runner: ProcessRunner
  readonly #admission: Admission
  readonly #metrics: Metrics
  readonly #errors: ErrorReporter
  readonly #progressEveryLines: number
  /** What must be done before the server is at rest: executions, those of deleted plans included, and notes. */
  readonly #unfinished = new Set<Promise<void>>()

  constructor(options: PlanRegistryOptions) {
    this.locks = options.locks
    this.store = options.store
    this.hub = options.hub
    this.runner = options.runner
    this.#admission = options.admission
    this.#metrics = options.metrics
    this.#errors = options.errors
    this.#progressEveryLines = options.progressEveryLines
  }

  /** Accepts a plan and starts it. Throws a Refusal: 409 while its id lives, 429 or 503 past a cap. */
  async create(spec: PlanSpec): Promise<PlanRecord> {
    const plan = await this.locks.run(spec.id, () => this.accept(spec))
    const accepted: PlanRecord = recordOf(plan)
    this.#start(plan, spec)
    return accepted
  }

  /** The plan of this id: living if there is one, else deleted; undefined when there never was one. */
  async find(id: string): Promise<PlanRecord | undefined> {
    const known = this.#acceptedPlan(id) ?? (await this.store.find(id))
    // It may have been accepted while the database was asked. One that runs, but not here, is not ours to speak of.
    return this.#acceptedPlan(id) ?? (known && hasEnded(known) ? known : undefined)
  }

  /** The newest living plans, at most `limit`. */
  async list(limit: number): Promise<PlanRecord[]> {
    const records = await this.store.newest(limit)
    return records.flatMap((record) => (hasEnded(record) ? record : (this.#acceptedPlan(record.id) ?? [])))
  }

  /** Ends a plan if it has not ended, and forgets it. Throws a Refusal: 404, 410. */
  async delete(id: string): Promise<PlanKey> {
    const deleted = await this.locks.run(id, () => this.remove(id))
    await this.hub.discard(deleted)
    return deleted
  }

  /** Lets plans end by themselves for `graceMs`, then ends them. Resolves when no process is left. */
  async stop(graceMs: number): Promise<void> {
    await this.#settled(graceMs)
    for (const plan of [...this.active.values()]) {
      await this.#endAnyway(plan, failure('the server was stopped'))
      this.#kill(plan)
    }
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished)
  }

  /** Runs under the plan's lock. */
  protected async accept(spec: PlanSpec): Promise<Plan> {
    if (this.active.has(spec.id)) throw conflict(spec.id)
    const plan = new Plan(spec.id, this.#admission.admitPlan())
    this.active.set(plan.id, plan)
    try {
      if (!(await this.store.insert(plan))) throw conflict(spec.id)
      plan.stream = this.hub.open(plan)
      plan.moveTo('accepted')
      return plan
    } catch (error) {
      this.forget(plan)
      plan.permit.release()
      throw error
    }
  }

  /** Runs under the plan's lock. Returns what was deleted. */
  protected async remove(id: string): Promise<PlanRecord> {
    const plan = this.active.get(id)
    if (plan) {
      await this.finish(plan, { type: 'deleted', reason: null, exitCode: null, signal: null, lines: null })
      this.#kill(plan)
      return plan
    }
    const record = await this.store.find(id)
    if (record === undefined || !hasEnded(record)) throw new Refusal(404, `no plan '${id}' was ever accepted`)
    if (record.state === 'deleted' || !(await this.store.markDeleted(record))) {
      throw new Refusal(410, `plan '${id}' was deleted`)
    }
    return record
  }

  /** Starts the process, unless the plan was deleted before its turn came. */
  protected async launch(plan: Plan, spec: PlanSpec): Promise<Execution | null> {
    return this.locks.run(plan.id, async () => {
      if (plan.ended) return null
      plan.execution = await this.runner.start(labelOf(plan), spec.command)
      plan.moveTo('running')
      return plan.execution
    })
  }

  /** Ends a plan; whoever comes second finds it ended. */
  protected async finish(plan: Plan, ending: Ending): Promise<void> {
    await this.locks.run(plan.id, async () => {
      if (!plan.ended && plan.stream !== null) await this.end(plan, plan.stream, ending)
    })
  }

  /** Ends a plan that has not ended. Runs under the plan's lock. */
  protected async end(plan: Plan, stream: EventStream, ending: Ending): Promise<void> {
    await stream.end(ending)
    plan.moveTo(ending.type)
    this.#metrics.planEnded(ending.type)
    this.forget(plan)
    this.hub.ended(stream)
  }

  /** Takes this very plan away: by now its id may belong to another one. */
  protected forget(plan: Plan): void {
    if (this.active.get(plan.id) === plan) this.active.delete(plan.id)
  }

  /** Notes how far a plan has come. It says nothing about the state, which may have changed while the note waited. */
  protected async saveProgress(plan: Plan): Promise<void> {
    await this.store.saveProgress(plan, plan.linesRead)
  }

  #start(plan: Plan, spec: PlanSpec): void {
    this.#track(this.#run(plan, spec))
  }

  async #run(plan: Plan, spec: PlanSpec): Promise<void> {
    const id = labelOf(plan)
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'execution', id })
    try {
      await this.finish(plan, await this.#execute(plan, spec))
    } catch (error) {
      this.#errors.report(`plan ${labelOf(plan)}`, error)
      await this.#endAnyway(plan, failure('the server met an internal error'))
    } finally {
      plan.permit.release()
      if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'execution', id })
    }
  }

  async #execute(plan: Plan, spec: PlanSpec): Promise<Ending> {
    const execution = await this.launch(plan, spec).catch((error: NodeJS.ErrnoException) => error)
    if (execution instanceof Error) return failure(`the command could not be started: ${execution.message}`)
    if (execution === null) return failure('deleted before it was started')
    const outcome = await this.runner.follow(execution, (source, line) => this.#publishLine(plan, spec, source, line))
    return this.#endingOf(plan, outcome)
  }

  #publishLine(plan: Plan, spec: PlanSpec, source: OutputSource, line: string): Promise<void> | undefined {
    const stream = plan.stream as EventStream
    plan.lines[source]++
    const room = stream.publish('log', { source, line })
    if (plan.linesRead % this.#progressEveryLines !== 0) return room
    this.#noteProgress(plan)
    return stream.publish('progress', { lines: plan.linesRead, of: spec.expectedLines }) ?? room
  }

  // One note at a time: the next one says more than those that were left out.
  #noteProgress(plan: Plan): void {
    if (plan.savingProgress || plan.ended) return
    plan.savingProgress = true
    const saved = this.saveProgress(plan)
      .catch((error) => this.#errors.report(`progress of ${labelOf(plan)}`, error))
      .finally(() => {
        plan.savingProgress = false
      })
    this.#track(saved)
  }

  #track(work: Promise<void>): void {
    this.#unfinished.add(work)
    work.finally(() => this.#unfinished.delete(work))
  }

  #endingOf(plan: Plan, { exitCode, signal, drained }: Outcome): Ending {
    const how = { exitCode, signal, lines: { ...plan.lines } }
    if (!drained) {
      const reason = `its output had not ended ${this.runner.drainTimeoutMs} ms after the process; it was cut off`
      return { type: 'failed', reason, ...how }
    }
    if (exitCode === 0) return { type: 'completed', reason: null, ...how }
    const reason = signal === null ? `the process exited with code ${exitCode}` : `the process was killed by ${signal}`
    return { type: 'failed', reason, ...how }
  }

  /** Ends a plan as well as it can be ended: if that cannot even be stored, it has failed, and its readers must go. */
  #endAnyway(plan: Plan, ending: Ending): Promise<void> {
    const abort = (error: unknown) => {
      this.#errors.report(`end of plan ${labelOf(plan)}`, error)
      plan.moveTo('failed')
      this.forget(plan)
      if (plan.stream) this.hub.abort(plan.stream)
    }
    return this.locks.run(plan.id, () => this.finish(plan, ending).catch(abort))
  }

  #kill(plan: Plan): void {
    if (plan.execution) this.runner.kill(plan.execution)
  }

  #acceptedPlan(id: string): Plan | undefined {
    const plan = this.active.get(id)
    return plan?.accepted ? plan : undefined
  }

  async #settled(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const graceOver = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs)
    })
    await Promise.race([Promise.all(this.#unfinished), graceOver])
    clearTimeout(timer)
  }
}

function hasEnded({ state }: PlanRecord): boolean {
  return state === 'completed' || state === 'failed' || state === 'deleted'
}

function failure(reason: string): Ending {
  return { type: 'failed', reason, exitCode: null, signal: null, lines: null }
}

function conflict(id: string): Refusal {
  return new Refusal(409, `a plan '${id}' lives; delete it first, or choose another id`)
}

// A copy: the plan goes on while the answer is being written.
function recordOf({ id, key, state, createdAt, linesRead, lastEventId, exitCode, reason }: PlanRecord): PlanRecord {
  return { id, key, state, createdAt, linesRead, lastEventId, exitCode, reason }
}
