/**
 * A thread that runs schedules. It is started with `raceproof/register` loaded, so that the subject and its packages, which
 * it loads itself, find the simulation's builtins.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { HarnessError, messageOf } from '../errors.ts'
import { active } from '../sim/active.ts'
import { stop } from './end-thread.ts'
import { fromMacrotask } from './explore-subject.ts'
import { type Explorer, explorerOf } from './explorer.ts'
import type { Batch, WorkerNews, WorkerOrder, WorkerStart, WorkerTask } from './pool-messages.ts'
import type { Subject } from './subject.ts'

const tell = (news: WorkerNews) => parentPort?.postMessage(news)

/** Runs the batches that this thread is sent, one after the other. */
class BatchRunner {
  readonly #explorer: Promise<Explorer>
  /** The schedule that runs now. */
  #current: number | null = null

  constructor(task: WorkerTask) {
    this.#explorer = explorerFor(task)
    this.#explorer.catch((thrown: unknown) => this.#tellFailure(thrown))
  }

  async run(batch: Batch): Promise<void> {
    const explorer = await this.#explorer.catch(() => undefined)
    if (explorer === undefined) return
    await this.#runAll(explorer, batch).catch((thrown: unknown) => this.#tellFailure(thrown))
  }

  async #runAll(explorer: Explorer, { from, to }: Batch): Promise<void> {
    if (from > 0) await fromMacrotask(() => this.#prepare(explorer))
    for (let index = from; index < to && explorer.hasMore; index++) {
      await fromMacrotask(() => this.#runAt(explorer, index))
    }
    const { hasMore, exhausted } = explorer
    tell({ type: 'idle', heapMiB: process.memoryUsage().heapUsed / 2 ** 20, hasMore, exhausted })
  }

  #prepare(explorer: Explorer): void {
    this.#begin(explorer, 0)
    explorer.prepare()
  }

  #runAt(explorer: Explorer, index: number): void {
    this.#begin(explorer, index)
    tell({ type: 'ended', index, outcome: explorer.run(index) })
  }

  #begin(explorer: Explorer, index: number): void {
    this.#current = index
    tell({ type: 'begins', schedule: { index, ...explorer.about(index) } })
  }

  #tellFailure(thrown: unknown): void {
    const code = thrown instanceof HarnessError ? thrown.code : 'ERR_INTERNAL'
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    tell({ type: 'failed', index: this.#current, code, message: code === 'ERR_INTERNAL' ? stack : messageOf(thrown) })
  }
}

async function explorerFor({ spec, seed, strategy, variant }: WorkerTask): Promise<Explorer> {
  const { loadSubject } = (await import(spec.module)) as { loadSubject(input: unknown): Promise<Subject> }
  return explorerOf(await loadSubject(spec.input), { seed, strategy, variant })
}

active.beat = (workerData as WorkerStart).beat
let runner: BatchRunner | null = null
parentPort?.on('message', (order: WorkerOrder | typeof stop) => {
  if (order === stop) process.exit()
  else if ('spec' in order) runner = new BatchRunner(order)
  else void runner?.run(order)
})
