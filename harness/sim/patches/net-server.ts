import net from 'node:net'
import { active } from '../active.ts'
import { refuseUse } from '../refuse.ts'

type ListenFor = (this: object, ...args: unknown[]) => unknown

type Listen = (
  this: { _handle: object | null },
  address: string | null,
  port: number,
  addressType: number,
  backlog: number,
  fd: number | undefined,
  flags: number,
) => void

/**
 * `net.Server`: the step of `listen` that makes the native handle. Inside a schedule the server gets a simulated one;
 * the rest is Node's own code. Without an address Node takes `::`, all addresses of both families.
 */
export function patchNetServer(): void {
  const prototype = net.Server.prototype as unknown as { _listen2: Listen }
  const { _listen2 } = prototype
  notePlaces()
  prototype._listen2 = function (address, port, addressType, backlog, fd, flags) {
    const { current } = active
    if (current === undefined || this._handle)
      return _listen2.call(this, address, port, addressType, backlog, fd, flags)
    if (typeof fd === 'number') refuseUse(current, 'listening on a file descriptor', 'fileDescriptors')
    const isPath = port === -1 && address !== null
    this._handle = isPath ? current.network.pathListener(address) : current.network.tcpListener(address ?? '::', port)
    current.openings.noteFor(this._handle, this)
    return _listen2.call(this, address ?? '::', port, address === null ? 6 : addressType, backlog, fd, flags)
  }
}

/** Whoever calls `listen` has opened the server; the handle may be made later, when a host name has been looked up. */
function notePlaces(): void {
  const prototype = net.Server.prototype as unknown as { listen: ListenFor }
  const { listen } = prototype
  prototype.listen = function (...args) {
    active.current?.openings.note(this)
    return listen.apply(this, args)
  }
}
