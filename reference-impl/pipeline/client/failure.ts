import { ChannelBlocked, Refusal } from './refusal.ts'

/** The connection ended before the plan did. */
export class ConnectionLost extends Error {
  /** Whether it had brought anything. */
  readonly fruitful: boolean

  constructor(message: string, fruitful: boolean) {
    super(message)
    this.name = 'ConnectionLost'
    this.fruitful = fruitful
  }
}

/** The caller's listener threw; `cause` is what it threw. */
export class ListenerFailed extends Error {
  constructor(cause: unknown) {
    super('the listener of a watch threw', { cause })
    this.name = 'ListenerFailed'
  }
}

/**
 * What a failed attempt means for the next one.
 *
 * - `permanent`: none can help
 * - `unreachable`: nobody is there; wait until the server is ready
 * - `blocked`: this way is barred, another may be open
 * - `fruitless`: it brought nothing, which may be the way's fault
 * - `interrupted`: it brought something and then broke; go on where it stopped
 * - `passing`: the server asks for patience
 */
export type FailureKind = 'permanent' | 'unreachable' | 'blocked' | 'fruitless' | 'interrupted' | 'passing'

/** The errors of a network on which nobody answers at that address, so that no other way would do better. */
const unreachableCodes: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']

export function kindOf(failure: Error & { code?: unknown }): FailureKind {
  if (failure instanceof ListenerFailed) return 'permanent'
  if (failure instanceof ChannelBlocked) return 'blocked'
  if (failure instanceof Refusal) return kindOfRefusal(failure)
  if (failure instanceof ConnectionLost) return failure.fruitful ? 'interrupted' : 'fruitless'
  return unreachableCodes.includes(failure.code) ? 'unreachable' : 'fruitless'
}

function kindOfRefusal({ permanent, blocked }: Refusal): FailureKind {
  if (permanent) return 'permanent'
  return blocked ? 'blocked' : 'passing'
}
