import type { Socket } from 'node:net'
import type { Parts } from '../defect.ts'
import type { Fault } from '../fault/fault.ts'
import type { Recorder, Subscribing, SubscriptionRecord } from '../history/recorder.ts'
import type { Random } from '../random.ts'
import type { ClientContext, StdioLines } from '../target.ts'
import { ClientConnections, type Entrance } from './client-connections.ts'

/** What all clients of a round share. */
export interface RoundResources {
  url: string | null
  parts: Parts
  /** Where clients connect; null when the target speaks stdio only. */
  entrance: Entrance | null
  stdio: StdioLines | null
  /** What puts a fault on the link of a client's connection. */
  faults: { hitSocket(client: string, socket: Socket, fault: Fault): () => void }
  recorder: Recorder
  /** What calls threw: it is in the record, and no mistake of the script, whatever its class is. */
  recordedErrors: WeakSet<object>
  /** Ends when the round is over; its reason is what open calls end with. */
  signal: AbortSignal
}

/** A client's context in one round, in any world: what the client does is recorded, until the round is over. */
export class RoundClientContext implements ClientContext {
  readonly id: string
  readonly index: number
  readonly url: string | null
  readonly parts: Parts
  readonly random: Random
  readonly stdio: StdioLines | null
  readonly signal: AbortSignal
  readonly #round: RoundResources
  readonly #connections: ClientConnections

  constructor(index: number, random: Random, round: RoundResources) {
    this.id = `c${index}`
    this.index = index
    this.random = random
    this.url = round.url
    this.parts = round.parts
    this.stdio = round.stdio
    this.signal = round.signal
    this.#round = round
    this.#connections = new ClientConnections(this.id, round.entrance)
  }

  get agent() {
    return this.#connections.agent
  }

  connect(): Socket {
    return this.#connections.connect()
  }

  async call<T>(f: string, input: unknown, run: () => Promise<T>, options: { readOnly?: boolean } = {}): Promise<T> {
    // A script that was given up may still run; what it does after the round is no part of the record.
    this.signal.throwIfAborted()
    const { recorder, recordedErrors } = this.#round
    try {
      return await recorder.call(this.id, f, input, () => unlessAborted(run, this.signal), options.readOnly)
    } catch (thrown) {
      if (typeof thrown === 'object' && thrown !== null) recordedErrors.add(thrown)
      throw thrown
    }
  }

  subscribe(subscribing: Subscribing): SubscriptionRecord {
    this.signal.throwIfAborted()
    return this.#untilOver(this.#round.recorder.subscribe(this.id, subscribing))
  }

  fault(socket: Socket, fault: Fault): () => void {
    return this.#round.faults.hitSocket(this.id, socket, fault)
  }

  /** Ends whatever the client still has open. */
  close(): void {
    this.#connections.close()
  }

  /** At the round's end the harness itself ends the subscription, so that it is dropped, whatever the client library thinks. */
  #untilOver(record: SubscriptionRecord): SubscriptionRecord {
    const { signal } = this
    const drop = () => record.end('dropped', 'the round was over')
    signal.addEventListener('abort', drop, { once: true })
    return {
      subscriber: record.subscriber,
      event: (id, kind, data) => signal.aborted || record.event(id, kind, data),
      gap: (from, to) => signal.aborted || record.gap(from, to),
      end(reason, detail) {
        signal.removeEventListener('abort', drop)
        record.end(reason, detail)
      },
    }
  }
}

/** Runs the operation, and gives it up when the signal ends, even if the operation does not listen to it. */
function unlessAborted<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abandon = () => reject(signal.reason)
    signal.addEventListener('abort', abandon, { once: true })
    run()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abandon))
  })
}
