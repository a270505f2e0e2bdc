import { admissionOf } from './admission.ts'
import type { Backoff } from './backoff.ts'
import type { Admission, Channel, ChannelListener, Connection, Reach, Subscribe } from './channel.ts'
import { Hearing } from './hearing.ts'
import { sendJson } from './http.ts'
import type { PlanEvent } from './plan-event.ts'
import type { Sleep } from './sleep.ts'

export interface RestChannelOptions extends Reach {
  /** Makes the back-off of one connection: how long to wait between requests while nothing comes. */
  backoff: () => Backoff
  sleep: Sleep
}

/** The answer of `GET /api/plans/:id/events`. */
interface Page {
  events: PlanEvent[]
  gap: { from: number; to: number } | null
  /** The terminal event is among the events, or came before them. */
  ended: boolean
}

type Answer = Page & { admission: Admission }

/** Hears a plan by asking again and again: the last resort, where nothing lets a stream through. */
export class RestChannel implements Channel {
  readonly via = 'rest'
  readonly #options: RestChannelOptions

  constructor(options: RestChannelOptions) {
    this.#options = options
  }

  /** The server has let the subscriber in when it has answered the first request. */
  async open(subscribe: Subscribe, listener: ChannelListener): Promise<Connection> {
    const left = new AbortController()
    const signal = subscribe.signal ? AbortSignal.any([subscribe.signal, left.signal]) : left.signal
    const first = await this.#ask({ ...subscribe, signal })
    const hearing = new Hearing(listener)
    // In a later turn, so that the caller holds the connection when the first events come.
    setImmediate(() => this.#poll({ ...subscribe, signal }, first, hearing))
    return connectionOf(first.admission, hearing, left)
  }

  async #poll(subscribe: Subscribe, first: Answer, hearing: Hearing): Promise<void> {
    const backoff = this.#options.backoff()
    let after = subscribe.after
    try {
      for (let page = first; ; page = await this.#ask({ ...subscribe, after })) {
        if (page.admission.stream !== first.admission.stream) return hearing.ended('the plan was created anew')
        hearing.alive()
        after = hear(page, after, hearing)
        if (page.ended) return hearing.completed()
        if (page.events.length > 0) backoff.reset()
        await this.#options.sleep(backoff.nextMs(), subscribe.signal)
      }
    } catch (error) {
      hearing.ended((error as Error).message)
    }
  }

  async #ask({ planId, after, signal, headers = {} }: Subscribe): Promise<Answer> {
    const { url, agent } = this.#options
    const address = `${url}/api/plans/${encodeURIComponent(planId)}/events?after=${after}`
    const { response, value } = await sendJson<Page>(address, { agent, signal, headers })
    return { ...value, admission: admissionOf(response.headers) }
  }
}

/** Hands a page over, and returns the id after which to ask next. */
function hear({ events, gap }: Page, after: number, hearing: Hearing): number {
  if (gap) hearing.receive({ type: 'gap', data: gap })
  for (const event of events) hearing.receive(event)
  return events.at(-1)?.id ?? gap?.to ?? after
}

function connectionOf(admission: Admission, hearing: Hearing, left: AbortController): Connection {
  return {
    via: 'rest',
    admission,
    socket: null,
    closing: hearing.closing,
    // Each page is asked for when the one before has been taken, so there is nothing to hold back.
    pause: () => {},
    resume: () => {},
    close: () => {
      hearing.left()
      left.abort()
    },
  }
}
