import type { IncomingMessage } from 'node:http'
import { EventSource, type FetchLike, type FetchLikeResponse, type ReaderLike } from 'eventsource'
import { admissionOf } from './client/admission.ts'
import { Hearing } from './client/hearing.ts'
import { refusalOf, send } from './client/http.ts'
import { terminalTypes } from './client/plan-event.ts'
import type { Listen, Listening } from './target-way.ts'
import { strangerTo } from './target-way-stranger.ts'

/** Listens with the `eventsource` package, which reconnects by itself. */
export function listenByEventSource(listen: Listen): Promise<Listening> {
  return new EventSourceWay(listen).listening
}

const types = ['log', 'progress', 'gap', 'disconnected', ...terminalTypes]

/** One EventSource. The fetch below it is ours, so that its sockets are the world's and each reconnect is recorded. */
class EventSourceWay {
  /** Resolves when the server has let it in for the first time. */
  readonly listening: Promise<Listening>
  readonly #listen: Listen
  readonly #source: EventSource
  #settle!: { resolve(listening: Listening): void; reject(error: Error): void }
  #hearing: Hearing | undefined
  #response: IncomingMessage | undefined
  #terminal = false
  #reading: Promise<void> = Promise.resolve()
  #readOn = () => {}

  constructor(listen: Listen) {
    this.#listen = listen
    this.listening = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    const path = `/api/plans/${encodeURIComponent(listen.planId)}/stream`
    this.#source = new EventSource(listen.url + path, { fetch: (url, init) => this.#fetch(url, init) })
    for (const type of types) this.#source.addEventListener(type, (event) => this.#receive(type, event))
    // Stays also when all was heard: an EventSource whose server does not end the stream would go on for ever.
    listen.context.signal.addEventListener('abort', () => this.#source.close(), { once: true })
  }

  async #fetch(...[url, init]: Parameters<FetchLike>): Promise<FetchLikeResponse> {
    const { context, recording, headers } = this.#listen
    // The package itself can start after an event only when it resumes.
    const after = init.headers['Last-Event-ID'] ?? String(this.#listen.after)
    recording.begin('eventsource', Number(after))
    const response = await send(String(url), {
      agent: context.agent,
      signal: init.signal,
      headers: { ...init.headers, 'last-event-id': after, ...headers },
    }).catch((error) => {
      recording.failed(error)
      throw error
    })
    return this.#answered(response)
  }

  async #answered(response: IncomingMessage): Promise<FetchLikeResponse> {
    const answer = {
      status: response.statusCode ?? 0,
      url: this.#listen.url,
      redirected: false,
      headers: { get: (name: string) => response.headers[name.toLowerCase()]?.toString() ?? null },
    }
    // By its standard, an EventSource stops for good at anything but 200.
    if (answer.status !== 200) await this.#stopped(response)
    else this.#admitted(response)
    return { ...answer, body: { getReader: () => this.#reader(response) } }
  }

  #admitted(response: IncomingMessage): void {
    this.#response = response
    const admission = admissionOf(response.headers)
    if (admission.stream !== this.#listen.stream) this.#leaveStranger(admission.stream)
    else this.#settle.resolve(this.#asListening(admission))
  }

  async #stopped(response: IncomingMessage): Promise<void> {
    const { recording } = this.#listen
    if (response.statusCode === 204) {
      recording.closed({ reason: 'complete', detail: 'nothing left to hear' })
      recording.finish({ complete: true, how: 'nothing left to hear' })
      return this.#settle.resolve(this.#asListening(admissionOf(response.headers)))
    }
    const refusal = await refusalOf(response)
    recording.failed(refusal)
    recording.finish({ complete: false, how: refusal.message })
    this.#settle.reject(refusal)
  }

  #leaveStranger(stream: string): void {
    const refusal = strangerTo(this.#listen.stream, stream)
    this.#listen.recording.dropped(refusal.message)
    this.#settle.reject(refusal)
    this.#source.close()
  }

  #reader(response: IncomingMessage): ReaderLike {
    const { recording } = this.#listen
    const hearing = new Hearing(recording)
    hearing.closing.then((closing) => recording.closed(closing))
    this.#hearing = hearing
    const pieces = response[Symbol.asyncIterator]()
    return {
      read: () => this.#read(pieces, hearing),
      cancel: async () => {
        response.destroy()
      },
    }
  }

  async #read(pieces: AsyncIterator<Buffer>, hearing: Hearing): ReturnType<ReaderLike['read']> {
    await this.#reading
    try {
      const piece = await pieces.next()
      if (!piece.done) return { done: false, value: piece.value }
    } catch (error) {
      hearing.ended((error as Error).message)
      throw error
    }
    hearing.ended('the response ended')
    // All there is was heard; without this the package would ask again.
    if (this.#terminal) this.#source.close()
    return { done: true }
  }

  #receive(type: string, { data, lastEventId }: MessageEvent): void {
    if (terminalTypes.includes(type)) this.#terminal = true
    const id = lastEventId === '' ? {} : { id: Number(lastEventId) }
    try {
      this.#hearing?.receive({ ...id, type, data: JSON.parse(data) })
    } catch (error) {
      this.#response?.destroy(new Error(`a ${type} event cannot be read`, { cause: error }))
    }
  }

  #asListening(admission: Listening['admission']): Listening {
    const socket = () => this.#response?.socket ?? null
    return {
      admission,
      get socket() {
        return socket()
      },
      pause: () => this.#pause(),
      resume: () => this.#readOn(),
      close: () => this.#source.close(),
    }
  }

  #pause(): void {
    this.#reading = new Promise((resolve) => {
      this.#readOn = resolve
    })
  }
}
