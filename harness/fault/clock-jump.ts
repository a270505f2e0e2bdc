import type { Fault } from './fault.ts'

/**
 * The calendar of the target's process (`Date`) jumps forward, or back when `byMs` is negative, as when it is set by hand or
 * by NTP; healing sets it right again. Timers, `performance.now` and `process.hrtime` run on. Throws a RangeError for no jump.
 */
export function clockJump({ byMs }: { byMs: number }): Fault {
  if (!Number.isFinite(byMs) || byMs === 0)
    throw new RangeError(`expected byMs to be a number other than 0, got ${byMs}`)
  return {
    name: 'clock-jump',
    description: `clock-jump ${byMs > 0 ? '+' : ''}${byMs} ms`,
    target: 'clock',
    onClock: (clock) => clock.jump(byMs),
  }
}
