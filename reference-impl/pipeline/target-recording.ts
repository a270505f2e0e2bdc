import type { ClientContext, SubscriptionRecord } from 'raceproof'
import type { ChannelListener, Closing } from './client/channel.ts'
import { isTerminal, type PlanEvent } from './client/plan-event.ts'
import { Refusal } from './client/refusal.ts'

/** How a watcher's listening ended, over all its connections. */
export interface Finish {
  /** It has everything, the terminal event included. */
  complete: boolean
  /** The type of the terminal event, or what ended the listening otherwise. */
  how: string
}

type RecordingContext = Pick<ClientContext, 'subscribe' | 'signal'>

/** By what name the history knows each end of a connection. */
const reasons = { complete: 'complete', disconnected: 'disconnected', lost: 'lost', closed: 'dropped' } as const

/**
 * Writes down what one watcher sees. Each connection is a subscription of its own in the history, one that resumes
 * included: a reconnect that nobody can see would hide the fault that caused it.
 */
export class Recording implements ChannelListener {
  readonly finished: Promise<Finish>
  readonly #context: RecordingContext
  readonly #stream: string
  readonly #awaited: { readonly id: number; came(): void }[] = []
  #resolve!: (finish: Finish) => void
  #record: SubscriptionRecord | undefined
  #last: number

  constructor(context: RecordingContext, { stream, after }: { stream: string; after: number }) {
    this.#context = context
    this.#stream = stream
    this.#last = after
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#stopOn(context.signal)
  }

  /** The id of the last event that came. */
  get last(): number {
    return this.#last
  }

  /** Resolves when the event of this id has come, or a later one. */
  reached(id: number): Promise<void> {
    return new Promise((came) => {
      this.#awaited.push({ id, came })
      this.#tellReached()
    })
  }

  /** A connection is asked for. */
  begin(via: string, after: number): void {
    this.#record = this.#context.subscribe({ stream: this.#stream, after, via })
  }

  event(event: PlanEvent): void {
    if (!this.#record) return
    this.#last = event.id
    this.#record.event(event.id, event.type, event.data)
    this.#tellReached()
    if (isTerminal(event)) this.#resolve({ complete: true, how: event.type })
  }

  gap(from: number, to: number): void {
    this.#record?.gap(from, to)
  }

  /** The connection is over. */
  closed({ reason, detail }: Closing): void {
    this.#end(reasons[reason], detail)
  }

  /** The connection never came to be. */
  failed(error: Error): void {
    this.#end(error instanceof Refusal ? 'refused' : 'lost', error.message)
  }

  /** The client leaves on purpose. */
  dropped(detail: string): void {
    this.#end('dropped', detail)
    this.finish({ complete: false, how: `dropped: ${detail}` })
  }

  /** The watcher will not connect again. The first word counts, which a terminal event may have said. */
  finish(finish: Finish): void {
    this.#resolve(finish)
  }

  /** What is still open when the harness gives up stays open in the history: nobody has ended it. */
  #stopOn(signal: AbortSignal): void {
    const stop = () => {
      this.#record = undefined
    }
    signal.addEventListener('abort', stop, { once: true })
    this.finished.then(() => signal.removeEventListener('abort', stop))
  }

  #tellReached(): void {
    for (const { id, came } of this.#awaited) if (id <= this.#last) came()
  }

  #end(reason: Parameters<SubscriptionRecord['end']>[0], detail: string): void {
    this.#record?.end(reason, detail)
    this.#record = undefined
  }
}
