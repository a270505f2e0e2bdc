import { Refusal } from './refusal.ts'

export interface SessionLimits {
  /** Sessions in memory that one client may have created. */
  perClient: number
  /** Sessions in memory altogether, so that clients which come and go cannot fill it either. */
  total: number
}

/** Bounds the workflow sessions in memory. A session counts for the client that created it until it leaves memory. */
export class SessionCap {
  protected readonly limits: SessionLimits
  /** How many sessions each client has created; never 0. */
  protected readonly counts = new Map<string, number>()
  #total = 0

  constructor(limits: SessionLimits) {
    this.limits = limits
  }

  /** Counts a session that is about to be created. Throws a {@link Refusal} past a limit. */
  admit(client: string): void {
    const { perClient, total } = this.limits
    const count = this.counts.get(client) ?? 0
    if (count >= perClient) throw capReached(`this client has ${count} workflow sessions, and ${perClient} is the most`)
    if (this.#total >= total) {
      throw capReached(`the server has ${this.#total} workflow sessions, and ${total} is the most`)
    }
    this.counts.set(client, count + 1)
    this.#total++
  }

  /** A session of this client left memory, or was not created after all. */
  release(client: string): void {
    const count = this.counts.get(client)
    if (count === undefined) return
    if (count > 1) this.counts.set(client, count - 1)
    else this.counts.delete(client)
    this.#total--
  }
}

function capReached(fact: string): Refusal {
  return new Refusal('cap-reached', `${fact}; wait until idle ones are released, or clear the session cache`)
}
