import net from 'node:net'
import { active } from '../active.ts'
import { VirtualTimer } from '../core/virtual-timer.ts'
import { symbolOf } from './net-socket.ts'

type TimeoutSocket = net.Socket & { timeout?: number; _onTimeout(): void; [key: symbol]: unknown }

/**
 * `socket.setTimeout`, on which the keep-alive and request time-outs of http stand. The timer lies where Node's own code
 * looks for it, so that traffic refreshes it and `destroy` clears it, unpatched. It does not keep the schedule going,
 * as Node's does not keep the process.
 */
export function patchSocketTimeout(): void {
  const { setTimeout } = net.Socket.prototype
  const slot = symbolOf(new net.Socket(), 'timeout')
  net.Socket.prototype.setTimeout = function (this: TimeoutSocket, delayMs: number, callback?: () => void) {
    const { current } = active
    const isRegular =
      Number.isFinite(delayMs) && delayMs > 0 && (callback === undefined || typeof callback === 'function')
    // The real function takes zero, whatever is wrong, and what outlived its schedule.
    if (current === undefined || !isRegular || this.destroyed) return setTimeout.call(this, delayMs, callback)
    this.timeout = delayMs
    if (this[slot] instanceof VirtualTimer) this[slot].close()
    this[slot] = new VirtualTimer(current, { callback: () => this._onTimeout(), delay: delayMs, ref: false })
    if (callback !== undefined) this.once('timeout', callback)
    return this
  } as typeof setTimeout
}
