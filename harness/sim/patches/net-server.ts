import net from 'node:net'
import { HarnessError } from '../../errors.ts'
import { active } from '../active.ts'

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
  prototype._listen2 = function (address, port, addressType, backlog, fd, flags) {
    const { current } = active
    if (current === undefined || this._handle)
      return _listen2.call(this, address, port, addressType, backlog, fd, flags)
    if (typeof fd === 'number') {
      throw new HarnessError('ERR_WORLD_UNSUPPORTED', 'listening on a file descriptor cannot be simulated; use a port')
    }
    const isPath = port === -1 && address !== null
    this._handle = isPath ? current.network.pathListener(address) : current.network.tcpListener(address ?? '::', port)
    return _listen2.call(this, address ?? '::', port, address === null ? 6 : addressType, backlog, fd, flags)
  }
}
