import { HarnessError, messageOf } from '../../harness/errors.ts'
import { TaskLost, TaskProcess } from '../../harness/run/task-process.ts'
import type { Looker, ScheduledLook, Seen } from './scheduled-look.ts'
import type { Workspace } from './workspace.ts'

/** A process that looks, one look after the other: that a mutant takes it down or turns in a circle is something to see, too. */
export class LookProcess implements Looker {
  /** How much of a processor all looks took. */
  cpuMs = 0
  readonly #process: TaskProcess<ScheduledLook, Seen>

  constructor(workspace: Workspace) {
    this.#process = new TaskProcess({
      worker: workspace.built('test/mutation/look-worker.js'),
      register: workspace.built('harness/register.js'),
      cwd: workspace.folder,
    })
  }

  /** What a look saw. That the process dies of it, or never ends, is wrong too. */
  async look(task: ScheduledLook): Promise<Seen> {
    const startedMs = performance.now()
    const seen = await this.#process.perform(task).catch((thrown: unknown) => ({
      wrong: wrongOf(thrown),
      unjudged: [],
      reached: [],
      cpuMs: performance.now() - startedMs,
    }))
    this.cpuMs += seen.cpuMs
    return seen
  }

  end(): void {
    this.#process.end()
  }
}

function wrongOf(thrown: unknown): string {
  if (thrown instanceof TaskLost) return thrown.how === 'stuck' ? 'it hangs' : 'its process dies'
  const hasCode = thrown instanceof HarnessError && thrown.code !== 'ERR_INTERNAL'
  return hasCode ? thrown.code : messageOf(thrown)
}
