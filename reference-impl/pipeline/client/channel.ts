import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { PlanEvent } from './plan-event.ts'

/** How a client reaches the server. `agent` and `connect` replace Node's own, so that a caller knows its sockets. */
export interface Reach {
  /** The server's base address, such as `http://127.0.0.1:4711`, without a slash at the end. */
  url: string
  /** Serves the HTTP requests; Node's global agent when it is left out. */
  agent?: Agent
  /** Opens the connections of WebSockets; a plain TCP connection to the address when it is left out. */
  connect?: () => Socket
}

/** What a subscriber asks for. */
export interface Subscribe {
  planId: string
  /** The id of the last event that the subscriber has. */
  after: number
  /** Ends the attempt, and the connection that came of it. */
  signal?: AbortSignal
  headers?: Record<string, string>
}

/** Where a connection delivers. All calls are made in the order of arrival. */
export interface ChannelListener {
  event(event: PlanEvent): void
  /** The events `from` to `to` are gone for good. */
  gap(from: number, to: number): void
  /** Anything came at all, a heartbeat included. */
  alive?(): void
}

/**
 * How a connection ended. `complete`: the subscriber has all that there is. `disconnected`: the server ended it and
 * said why. `lost`: it ended without a word. `closed`: the caller closed it.
 */
export interface Closing {
  reason: 'complete' | 'disconnected' | 'lost' | 'closed'
  detail: string
}

/** What the server said when it let a subscriber in. */
export interface Admission {
  /** Names this life of the plan, `<id>#<serial>`; empty when the server does not say. */
  stream: string
  /** The marker of the request, echoed; empty when the request had none. */
  marker: string
}

/** A subscription that the server let in. */
export interface Connection {
  readonly via: string
  readonly admission: Admission
  /** The socket below; null where there is none that stays. */
  readonly socket: Socket | null
  readonly closing: Promise<Closing>
  /** Stops reading, so that the server meets a full pipe; `resume` reads on. */
  pause(): void
  resume(): void
  /** Leaves without a word. */
  close(): void
}

/** One way of hearing a plan's events. */
export interface Channel {
  readonly via: string
  /**
   * Resolves once the server has let the subscriber in. Rejects with a Refusal, with ChannelBlocked, or with the
   * network's error.
   */
  open(subscribe: Subscribe, listener: ChannelListener): Promise<Connection>
}
