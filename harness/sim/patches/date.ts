import { active } from '../active.ts'
import { epochMs } from '../core/simulation.ts'

/**
 * `Date`: the calendar of the schedule. The replacement shares the real prototype, so dates made before, inside and
 * after a schedule are instances of the same class.
 */
export function patchDate(): void {
  const RealDate = active.real.Date
  const { now } = RealDate
  const virtualNow = () => {
    if (active.current === undefined) return now()
    const { nowMs, node } = active.current
    return epochMs + Math.floor(nowMs + node.calendarOffsetMs)
  }
  function VirtualDate(this: unknown, ...args: unknown[]): string | Date {
    if (new.target === undefined) return new RealDate(virtualNow()).toString()
    const target = new.target === VirtualDate ? RealDate : new.target
    return Reflect.construct(RealDate, args.length === 0 ? [virtualNow()] : args, target)
  }
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' })
  Object.defineProperty(VirtualDate, 'length', { value: RealDate.length })
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(RealDate))) {
    if (!['name', 'length', 'now'].includes(key)) Object.defineProperty(VirtualDate, key, descriptor)
  }
  Object.defineProperty(VirtualDate, 'now', { value: virtualNow, writable: true, configurable: true })
  RealDate.prototype.constructor = VirtualDate as unknown as DateConstructor
  globalThis.Date = VirtualDate as unknown as DateConstructor
}
