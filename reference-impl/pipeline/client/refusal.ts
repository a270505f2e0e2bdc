/** Refusals that no later attempt can change: the request is wrong, or the plan is unknown or gone. */
const permanentStatuses: readonly number[] = [400, 401, 403, 404, 409, 410, 422]

/** Refusals of the way rather than of the plan: something in between does not let WebSockets or streams through. */
const blockedStatuses: readonly number[] = [405, 406, 415, 426, 501]

/** The server answered, and the answer was no. */
export class Refusal extends Error {
  readonly status: number
  /** How long the server asked to wait (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number

  constructor(status: number, message: string, retryAfterMs = 0) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }

  get permanent(): boolean {
    return permanentStatuses.includes(this.status)
  }

  get blocked(): boolean {
    return blockedStatuses.includes(this.status)
  }
}

/** The connection is of no use as this kind of channel: what came is no event stream, or no WebSocket. */
export class ChannelBlocked extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ChannelBlocked'
  }
}

/** The value of a `Retry-After` header in milliseconds; 0 when it is missing or a date, which no server of ours sends. */
export function retryAfterMs(header: string | undefined): number {
  const seconds = Number(header)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}
