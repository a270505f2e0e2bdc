import { messageOf } from '../../errors.ts'
import type { CompletionEvent } from '../../history/event.ts'
import { CallFailed } from '../../history/recorder.ts'
import type { ThreadClient } from '../../thread-scenario.ts'

/** How a call ended. */
export type CallEnd = Pick<CompletionEvent, 'type' | 'output' | 'error' | 'status'>

/** Where calls are recorded. */
export interface CallRecord {
  /** The code of a thread comes to a call of a client. `thread` is null where there are no schedules: before and after the threads. */
  invoked(thread: number | null, client: string, f: string, input: unknown): void
  /** A call of a client, by its place among the client's calls, has ended. */
  ended(client: string, place: number, end: CallEnd): void
}

/** What a client has to know of the schedule in which it records. */
export interface Recording {
  readonly record: CallRecord
  /** Whether the code runs where it has not run before, so that what it does is to be recorded. */
  readonly isNew: boolean
}

/**
 * A client of one run of a thread's code. A thread is run again for each of its steps; its calls are then told by their
 * places, and only what is new is recorded.
 */
export class RecordingClient implements ThreadClient {
  readonly id: string
  readonly #recording: Recording
  readonly #thread: number | null
  #calls = 0

  constructor(recording: Recording, thread: number | null, id = thread === null ? 'main' : `t${thread}`) {
    this.id = id
    this.#recording = recording
    this.#thread = thread
  }

  call<T>(f: string, input: unknown, run: () => T): T {
    const place = this.#calls++
    if (this.#recording.isNew) this.#recording.record.invoked(this.#thread, this.id, f, input)
    try {
      const answer = run()
      if (answer instanceof Promise) return answer.then(...this.#endings(place)) as T
      this.#answered(place, answer)
      return answer
    } catch (thrown) {
      this.#threw(place, thrown)
      throw thrown
    }
  }

  task(name: string): ThreadClient {
    return new RecordingClient(this.#recording, this.#thread, `${this.id}.${name}`)
  }

  #endings(place: number): [(output: unknown) => unknown, (thrown: unknown) => never] {
    return [
      (output) => {
        this.#answered(place, output)
        return output
      },
      (thrown) => {
        this.#threw(place, thrown)
        throw thrown
      },
    ]
  }

  #answered(place: number, output: unknown): void {
    if (this.#recording.isNew) this.#recording.record.ended(this.id, place, { type: 'ok', output })
  }

  /** What suspends a thread is thrown through its calls as well; then nothing is new. */
  #threw(place: number, thrown: unknown): void {
    if (this.#recording.isNew) this.#recording.record.ended(this.id, place, endOf(thrown))
  }
}

function endOf(thrown: unknown): CallEnd {
  const type = thrown instanceof CallFailed ? 'fail' : 'info'
  const { status } = (thrown ?? {}) as { status?: unknown }
  return { type, error: messageOf(thrown), ...(typeof status === 'number' ? { status } : {}) }
}
