import type { ThreadClient } from '../../thread-scenario.ts'
import type { ThreadRecord } from './thread-record.ts'

/** What a client has to know of the schedule in which it records. */
export interface Recording {
  readonly record: ThreadRecord
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
    if (this.#recording.isNew) this.#recording.record.answered(this.id, place, output)
  }

  /** What suspends a thread is thrown through its calls as well; then nothing is new. */
  #threw(place: number, thrown: unknown): void {
    if (this.#recording.isNew) this.#recording.record.threw(this.id, place, thrown)
  }
}
