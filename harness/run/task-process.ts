import { type ChildProcess, fork } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { type ErrorCode, HarnessError } from '../errors.ts'

/** What a process says of its task: that it still works on it, its answer, or why there is none. */
export type TaskNews<Answer> =
  | { readonly type: 'alive' }
  | { readonly type: 'answer'; readonly answer: Answer; readonly heapMiB: number }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }

export interface TaskProcessOptions {
  /** The built file that the process runs; it calls `performTasks`. */
  readonly worker: string
  /** The built file of `raceproof/register` that belongs to it, which is loaded before. */
  readonly register: string
  /** Its working directory; that of this process when it is left out. */
  readonly cwd?: string
  /** A process that says nothing for so long, in real time, is stuck. */
  readonly stuckMs?: number
  /** A process with a larger heap is ended after its task, before collecting garbage takes most of its time. */
  readonly heapMiBMax?: number
}

/** Thrown when a task took its process down with it, or had to be ended because nothing came of it any more. */
export class TaskLost extends HarnessError {
  readonly how: 'died' | 'stuck'

  constructor(how: TaskLost['how'], message: string) {
    super('ERR_INTERNAL', message)
    this.how = how
  }
}

/**
 * A process that does one task after the other. Of its own, since wrong code may take down the process that it runs in, and
 * one that turns in a circle can be ended at any time. It is started for the first task, and anew for the first one after it
 * was lost.
 */
export class TaskProcess<Task extends object, Answer> {
  readonly #options: TaskProcessOptions
  #child: ChildProcess | null = null

  constructor(options: TaskProcessOptions) {
    this.#options = options
  }

  /**
   * Does a task; ask for the next one when it has ended. Throws {@link TaskLost} when the process dies or is stuck, and a
   * `HarnessError` with the code and the message of what the task has thrown; `ERR_INTERNAL` when that had no code.
   */
  perform(task: Task): Promise<Answer> {
    const { stuckMs = 60_000 } = this.#options
    const child = this.#living()
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(watchdog)
        child.off('message', hear).off('exit', died)
        end()
      }
      const giveUp = (error: HarnessError) => {
        this.#endChild(child)
        settle(() => reject(error))
      }
      const died = (code: number | null, signal: string | null) =>
        giveUp(new TaskLost('died', `the process that did the task ended with ${code ?? signal}`))
      const stuck = () => giveUp(new TaskLost('stuck', `nothing was heard of the task for ${stuckMs / 1000} s`))
      let watchdog = setTimeout(stuck, stuckMs)
      const hear = (news: TaskNews<Answer>) => {
        clearTimeout(watchdog)
        watchdog = setTimeout(stuck, stuckMs)
        if (news.type === 'answer') settle(() => resolve(this.#answered(child, news)))
        else if (news.type === 'failed') giveUp(new HarnessError(news.code, news.message))
      }
      child.on('message', hear).on('exit', died)
      // One that cannot be told any more has died, and says so itself.
      child.send(task, () => {})
    })
  }

  /** Ends the process, whatever it does. */
  end(): void {
    if (this.#child !== null) this.#endChild(this.#child)
  }

  #endChild(child: ChildProcess): void {
    child.kill('SIGKILL')
    if (this.#child === child) this.#child = null
  }

  #answered(child: ChildProcess, { answer, heapMiB }: Extract<TaskNews<Answer>, { type: 'answer' }>): Answer {
    if (heapMiB > (this.#options.heapMiBMax ?? 400)) this.#endChild(child)
    return answer
  }

  /** The process, a new one when there is none or the last one has died since its last task. */
  #living(): ChildProcess {
    if (this.#child === null || hasDied(this.#child)) this.#child = this.#start()
    return this.#child
  }

  #start(): ChildProcess {
    const { worker, register, cwd } = this.#options
    return fork(worker, {
      cwd: cwd ?? process.cwd(),
      execArgv: ['--import', pathToFileURL(register).href],
      // What the code under test writes is no part of our own output.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  }
}

function hasDied({ connected, exitCode, signalCode }: ChildProcess): boolean {
  return !connected || exitCode !== null || signalCode !== null
}
