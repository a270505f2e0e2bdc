import type { Socket } from 'node:net'
import type { SimLink } from '../net/sim-link.ts'
import { SocketHandle } from '../net/socket-handle.ts'

/** The simulated connection under a socket; undefined for one that is not connected. */
export function linkOf(socket: Socket): SimLink | undefined {
  const { _handle: handle } = socket as Socket & { _handle?: unknown }
  return handle instanceof SocketHandle ? handle.link : undefined
}
