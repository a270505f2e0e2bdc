import { type ChildProcess, fork } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import type { Looker, LookNews, ScheduledLook, Seen } from './scheduled-look.ts'
import type { Workspace } from './workspace.ts'

/** A schedule that takes longer than this, in real time, never ends. */
const stuckMs = 60_000

/** A process with a larger heap is ended after its look, before collecting garbage takes most of its time. */
const heapMiBMax = 400

/** A process that looks, one look after the other: of its own, since a mutant may take it down or turn in a circle. */
export class LookProcess implements Looker {
  /** How much of a processor all looks took. */
  cpuMs = 0
  readonly #workspace: Workspace
  #child: ChildProcess | null = null

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** What a look saw. That the process dies of it, or never ends, is wrong too; the next look gets a new one. */
  look(task: ScheduledLook): Promise<Seen> {
    const startedMs = performance.now()
    const child = this.#living()
    return new Promise((resolve) => {
      const settle = (seen: Seen) => {
        clearTimeout(watchdog)
        child.off('message', hear).off('exit', died)
        this.cpuMs += seen.cpuMs
        resolve(seen)
      }
      const goneWrong = (wrong: string) => {
        this.end()
        settle({ wrong, unjudged: [], reached: [], cpuMs: performance.now() - startedMs })
      }
      const stuck = () => goneWrong('it hangs')
      const died = () => goneWrong('its process dies')
      let watchdog = setTimeout(stuck, stuckMs)
      const hear = (news: LookNews) => {
        clearTimeout(watchdog)
        watchdog = setTimeout(stuck, stuckMs)
        if (news.type === 'seen') settle(this.#seen(news))
        if (news.type === 'failed') goneWrong(news.why)
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

  #seen({ seen, heapMiB }: Extract<LookNews, { type: 'seen' }>): Seen {
    if (heapMiB > heapMiBMax) this.end()
    return seen
  }

  #living(): ChildProcess {
    this.#child ??= fork(this.#workspace.built('test/mutation/look-worker.js'), {
      cwd: this.#workspace.folder,
      execArgv: ['--import', pathToFileURL(this.#workspace.built('harness/register.js')).href],
      // What the code under test writes is no part of our own output.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    return this.#child
  }
}
