import { ScheduleWorker } from './schedule-worker.ts'

/** Worker threads at rest, for the next exploration: what they have loaded and compiled is ready there. */
export class WorkerStock {
  readonly #atRest: ScheduleWorker[] = []

  /** A thread at rest, or a new one. */
  take(): ScheduleWorker {
    for (let worker = this.#atRest.pop(); worker !== undefined; worker = this.#atRest.pop()) {
      if (!worker.isDead) return worker
    }
    return new ScheduleWorker()
  }

  giveBack(worker: ScheduleWorker): void {
    worker.owner = null
    this.#atRest.push(worker)
  }

  /** Ends all threads that are at rest. */
  async end(): Promise<void> {
    await Promise.all(this.#atRest.splice(0).map((worker) => worker.end()))
  }
}
