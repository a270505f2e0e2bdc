import type { ProbeEvent } from '../history/event.ts'
import type { ProbeBatch } from './host-process.ts'
import type { RunClock } from './run-clock.ts'
import { settlesWithin } from './waiting.ts'

const intervalMs = 50
/** A target whose event loop is busy answers late; nobody waits longer than this for it. */
const usualPatienceMs = 5_000
/** What other threads of the target published is handed on by its main thread, a little later. */
const relaySlackMs = 200

/** Pulls what the target publishes into the record, at a steady pace and whenever it is asked to. */
export class ProbeFeed {
  readonly #clock: RunClock
  readonly #source: () => Promise<void>
  readonly #record: (event: ProbeEvent) => void
  readonly #patienceMs: number
  /** A pull has been given up and is not answered yet: until it is, another would only wait as long for nothing. */
  #isMute = false
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #knownMs = 0

  constructor(
    clock: RunClock,
    source: () => Promise<void>,
    record: (event: ProbeEvent) => void,
    patienceMs = usualPatienceMs,
  ) {
    this.#patienceMs = patienceMs
    this.#clock = clock
    this.#source = source
    this.#record = record
  }

  /** Before this moment of the run, nothing can come any more that was not recorded yet. */
  get watermarkMs(): number {
    return Math.max(this.#knownMs, this.#clock.now() - this.#patienceMs) - relaySlackMs
  }

  start(): void {
    if (!this.#closed) this.#timer = setTimeout(() => void this.pull().finally(() => this.start()), intervalMs)
  }

  /** Takes in a batch from a process of this name. */
  receive(process: string, { stampMs, probes }: ProbeBatch): void {
    for (const { topic, stampMs: at, thread, value } of probes) {
      const name = thread === undefined ? process : `${process}/${thread}`
      this.#record({ type: 'probe', timeMs: this.#clock.fromStamp(at), process: name, topic, value })
    }
    this.#knownMs = this.#clock.fromStamp(stampMs)
  }

  /** Gets everything published so far, or gives up after a while on a target that does not answer. */
  async pull(): Promise<void> {
    if (this.#isMute) return
    const pulled = this.#source()
    if (await settlesWithin(pulled, this.#patienceMs)) return
    this.#isMute = true
    const answered = () => {
      this.#isMute = false
    }
    pulled.then(answered, answered)
  }

  /** Pulls no more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }
}
