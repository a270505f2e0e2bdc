/** Why the server says no. Clients tell refusals from faults by these words, so they are stable. */
export type RefusalReason =
  | 'cap-reached'
  | 'unknown-session'
  | 'unknown-workflow'
  | 'unknown-phase'
  | 'workflow-mismatch'
  | 'workflow-completed'
  | 'busy'
  | 'no-http'
  | 'sub-agent-failed'

/**
 * Thrown when the server declines a call on purpose. The call had no effect, and its caller is told why; anything else
 * that is thrown is a fault of the server.
 */
export class Refusal extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.name = 'Refusal'
    this.reason = reason
  }
}
