/** A request that is declined on purpose: the HTTP status, a sentence for the client, and when to come back. */
export class Refusal extends Error {
  readonly status: number
  readonly retryAfterS: number | undefined

  constructor(status: number, message: string, retryAfterS?: number) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.retryAfterS = retryAfterS
  }
}
