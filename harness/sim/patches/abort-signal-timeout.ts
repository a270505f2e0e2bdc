import { active } from '../active.ts'
import { VirtualTimer } from '../core/virtual-timer.ts'

/** `AbortSignal.timeout`: Node's own uses a timer that cannot be replaced. Neither keeps the program going. */
export function patchAbortSignalTimeout(): void {
  const real = AbortSignal.timeout
  AbortSignal.timeout = (delayMs: number) => {
    const { current } = active
    // A wrong delay gets the real function's error.
    if (current === undefined || !Number.isInteger(delayMs) || delayMs < 0) return real.call(AbortSignal, delayMs)
    const controller = new AbortController()
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    new VirtualTimer(current, { callback: () => controller.abort(reason()), delay: delayMs, ref: false })
    return controller.signal
  }
}
