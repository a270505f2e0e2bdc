import type { StreamEvent } from './stream-event.ts'

/**
 * Why the server ends a subscription. `complete`: the terminal event was sent. `stopped`: the client asked for it.
 * `closed`: the stream went away. The others are told to the client by name.
 */
export type CloseReason =
  | 'complete'
  | 'stopped'
  | 'closed'
  | 'malformed'
  | 'slow-reader'
  | 'dead-peer'
  | 'shutdown'
  | 'server-error'

/** One subscriber's connection: what a transport must be able to do. */
export interface Sink {
  readonly transport: 'sse' | 'ws'
  /** The connection has enough to do; send nothing until it has drained. */
  readonly full: boolean
  /** Bytes that the connection has passed on so far. */
  readonly takenBytes: number
  send(event: StreamEvent): void
  /** Tells that the events `from` to `to` are no longer kept. */
  gap(from: number, to: number): void
  /** Whether the peer has given a sign of life since the last beat. */
  readonly alive: boolean
  /** Gives a sign of life, and asks the peer for one where the transport can. */
  beat(): void
  /** Says why, if the client should know, and ends the connection: gracefully if the peer takes part, else by force. */
  close(reason: CloseReason): void
  /** Calls back whenever the connection has drained after it was full. */
  onDrain(listener: () => void): void
  /** Calls back once, when the connection is gone. */
  onClose(listener: () => void): void
}
