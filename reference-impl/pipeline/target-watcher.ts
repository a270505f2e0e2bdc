import { CallFailed, type ClientContext, type Fault } from 'raceproof'
import { markerHeader } from './client/admission.ts'
import type { ClientParts } from './client/parts.ts'
import { asCallError, untilGivenUp } from './target-call-error.ts'
import { Recording } from './target-recording.ts'
import { type Listening, type WayName, wayOf, ways } from './target-way.ts'

/** How a client watches a plan. */
export interface WatchOrder {
  /** The way to listen; by default each client has its own. */
  via?: WayName
  /** The id of the last event that the client has. */
  after?: number
}

interface Opening extends WatchOrder {
  context: ClientContext<ClientParts>
  /** The server's base address. */
  url: string
  marker: string
  plan: { id: string; stream: string }
}

/** One client watching one plan. */
export class Watcher {
  readonly #context: ClientContext<ClientParts>
  readonly #stream: string
  readonly #recording: Recording
  readonly #listening: Listening

  /** Subscribes, as a recorded call. Rejects with CallFailed when the server refuses. */
  static async open({ context, url, marker, plan, via = wayOf(context.index), after = 0 }: Opening): Promise<Watcher> {
    const { id: planId, stream } = plan
    const recording = new Recording(context, { stream, after })
    const headers = { [markerHeader]: marker }
    let listening: Listening | undefined
    const run = async () => {
      const opening = ways[via]({ context, url, planId, stream, after, headers, recording })
      listening = await untilGivenUp(opening, context.signal).catch((error) => {
        throw asCallError(error, context.signal)
      })
      return listening.admission
    }
    await context.call('watch', { marker, stream, via, after }, run, { readOnly: true })
    return new Watcher(context, stream, recording, listening!)
  }

  constructor(context: ClientContext<ClientParts>, stream: string, recording: Recording, listening: Listening) {
    this.#context = context
    this.#stream = stream
    this.#recording = recording
    this.#listening = listening
  }

  /** The id of the last event that came. */
  get last(): number {
    return this.#recording.last
  }

  /** Resolves when the event of this id has come. Rejects with CallFailed when the watcher is cut off for good before. */
  untilEvent(id: number): Promise<void> {
    const wait = async () => {
      await untilGivenUp(Promise.race([this.#recording.reached(id), this.#recording.finished]), this.#context.signal)
      if (this.last < id) throw new CallFailed(`ended after event ${this.last}, before event ${id}`)
    }
    return this.#context.call('untilEvent', { stream: this.#stream, id }, wait, { readOnly: true })
  }

  /** Resolves at the terminal event, with its type. Rejects with CallFailed when the watcher is cut off for good before. */
  untilComplete(): Promise<{ last: number; ending: string }> {
    const wait = async () => {
      const { complete, how } = await untilGivenUp(this.#recording.finished, this.#context.signal)
      if (!complete) throw new CallFailed(`ended after event ${this.last} without a terminal event (${how})`)
      return { last: this.last, ending: how }
    }
    return this.#context.call('untilComplete', { stream: this.#stream }, wait, { readOnly: true })
  }

  /** Leaves without a word; with a fault, the fault hits the connection first. */
  drop(fault?: Fault): Promise<{ last: number }> {
    const leave = async () => {
      this.#recording.dropped(fault?.description ?? 'left without a word')
      const { socket } = this.#listening
      if (fault && socket) this.#context.fault(socket, fault)
      this.#listening.close()
      return { last: this.last }
    }
    return this.#context.call('drop', { stream: this.#stream, fault: fault?.name ?? null }, leave, { readOnly: true })
  }

  /** Puts a fault on its connection, until it is healed or the storm is over. Returns what heals it. */
  hit(fault: Fault): () => void {
    const { socket } = this.#listening
    return socket ? this.#context.fault(socket, fault) : () => {}
  }

  /** Stops reading what the server sends, as a client does that is too busy. */
  pause(): void {
    this.#listening.pause()
  }

  resume(): void {
    this.#listening.resume()
  }
}
