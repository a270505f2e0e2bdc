import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { type Computation, compute, type JobResult, type JobSpec } from './job.ts'
import { JobRunner } from './job-runner.ts'
import { attach, type SharedStateParts } from './shared-state.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.ts'
import { type PoolThread, WorkerPool } from './worker-pool.ts'

/** How long a turn of a job takes; and once it has taken many, so that one without end costs few events. */
const turnMs = 5
const laterTurnMs = 100
const briefTurns = 40

/** Nobody waits for what a job computes, only for its turns; so there is little to compute in each. */
const smaller = 1_000

/** The job runners for a world without threads: each takes its turns in the thread of the server. */
export class InThreadPool extends WorkerPool {
  protected override startThread(start: WorkerStart): PoolThread {
    return new TurnTaker(start, this.parts)
  }
}

class BriefRunner extends JobRunner {
  protected override computation(spec: JobSpec): Computation {
    if (spec.kind === 'dataset') return compute(spec)
    const brief = (count: number) => Math.ceil(count / smaller)
    return compute({ ...spec, steps: brief(spec.steps), sliceOperations: brief(spec.sliceOperations) })
  }
}

/** A job runner that does what a worker thread does, one turn at a time, and hears and answers by messages. */
class TurnTaker extends EventEmitter implements PoolThread {
  readonly #runner: JobRunner
  readonly #channel = new MessageChannel()

  constructor({ name, memory }: WorkerStart, parts: SharedStateParts) {
    super()
    this.#runner = new BriefRunner(name, attach(memory, parts))
    const { port1, port2 } = this.#channel
    port1.on('message', (message: FromWorker) => this.emit('message', message))
    port1.once('close', () => this.emit('exit', 0))
    port2.on('message', (message: ToWorker) => this.#obey(message))
    this.#answer({ type: 'ready' })
  }

  postMessage(message: ToWorker): void {
    this.#channel.port1.postMessage(message)
  }

  #obey(message: ToWorker): void {
    if (message.type === 'end') this.#channel.port2.close()
    else this.#takeTurn(this.#runner.turns(message.assignment))
  }

  #takeTurn(turns: ReturnType<JobRunner['turns']>, taken = 0): void {
    const turn = this.#attempt(turns)
    if (turn === null) return
    if (turn.done) this.#answer({ type: 'done', result: turn.value })
    else setTimeout(() => this.#takeTurn(turns, taken + 1), taken < briefTurns ? turnMs : laterTurnMs)
  }

  /** Null when the job failed, and its failure is told. */
  #attempt(turns: ReturnType<JobRunner['turns']>): IteratorResult<void, JobResult | null> | null {
    try {
      return turns.next()
    } catch (thrown) {
      this.#answer({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) })
      return null
    }
  }

  #answer(message: FromWorker): void {
    this.#channel.port2.postMessage(message)
  }
}
