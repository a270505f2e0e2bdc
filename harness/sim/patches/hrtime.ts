import { active } from '../active.ts'
import type { Simulation } from '../core/simulation.ts'

const nanosecondsInSecond = 1_000_000_000

/** `process.hrtime`, `process.hrtime.bigint` and `process.uptime`. */
export function patchHrtime(): void {
  const { hrtime, uptime } = process
  const { bigint } = hrtime
  const replacement = (since?: [number, number]): [number, number] => {
    // A wrong argument gets the real function's error.
    if (active.current === undefined || (since !== undefined && !Array.isArray(since))) return hrtime(since)
    return elapsed(nanosecondsOf(active.current), since)
  }
  process.hrtime = Object.assign(Object.defineProperty(replacement, 'name', { value: 'hrtime' }), {
    bigint: () => (active.current === undefined ? bigint() : BigInt(nanosecondsOf(active.current))),
  })
  process.uptime = () => (active.current === undefined ? uptime() : active.current.nowMs / 1000)
}

function nanosecondsOf({ nowMs }: Simulation): number {
  return Math.round(nowMs * 1e6)
}

function elapsed(nanoseconds: number, since: [number, number] = [0, 0]): [number, number] {
  const passed = nanoseconds - (since[0] * nanosecondsInSecond + since[1])
  const seconds = Math.floor(passed / nanosecondsInSecond)
  return [seconds, passed - seconds * nanosecondsInSecond]
}
