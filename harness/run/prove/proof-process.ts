import { type ChildProcess, fork } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { entry } from '../../entry.ts'
import { HarnessError } from '../../errors.ts'
import type { ProofAnswer, ProofNews, ProofTask } from './proof-task.ts'

/** A task whose process says nothing for so long, in real time, is stuck in one schedule. */
const stuckMs = 60_000

/** A process with a larger heap is ended after its task, before collecting garbage takes most of its time. */
const heapMiBMax = 400

/**
 * A process that does one task after the other. Of its own, since a defect may take down the process that it runs in, and
 * one that turns in a circle can be ended at any time.
 */
export class ProofProcess {
  #child: ChildProcess | null = null

  /** Throws `ERR_INTERNAL` when the process dies or is stuck; the next task gets a new one. */
  perform(task: ProofTask): Promise<ProofAnswer> {
    const child = this.#living()
    return new Promise((resolve, reject) => {
      const giveUp = (why: string) => {
        this.end()
        settle(() => reject(new HarnessError('ERR_INTERNAL', why)))
      }
      const stuck = () => giveUp(`no schedule has ended for ${stuckMs / 1000} s`)
      let watchdog = setTimeout(stuck, stuckMs)
      const hear = (news: ProofNews) => {
        clearTimeout(watchdog)
        watchdog = setTimeout(stuck, stuckMs)
        if (news.type === 'answer') settle(() => resolve(this.#answered(news)))
        else if (news.type === 'failed') settle(() => reject(new HarnessError('ERR_INTERNAL', news.message)))
      }
      const died = (code: number | null, signal: string | null) =>
        giveUp(`the process that ran the schedules ended with ${code ?? signal}`)
      const settle = (end: () => void) => {
        clearTimeout(watchdog)
        child.off('message', hear).off('exit', died)
        end()
      }
      child.on('message', hear).on('exit', died)
      child.send(task)
    })
  }

  /** Ends the process, whatever it does. */
  end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = null
  }

  #answered({ answer, heapMiB }: Extract<ProofNews, { type: 'answer' }>): ProofAnswer {
    if (heapMiB > heapMiBMax) this.end()
    return answer
  }

  #living(): ChildProcess {
    this.#child ??= fork(entry('harness/run/prove/proof-worker'), {
      execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
      // What the code under test writes is no part of the harness' own output.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    return this.#child
  }
}
