import type { ThreadFinding } from '../detect/finding.ts'
import type { Fiber } from '../fiber.ts'

/**
 * Says which thread runs on without an operation, since which one, and on which line it is; null for a line that is not
 * known.
 */
export function tellStuckThread({ thread, log }: Fiber, limitMs: number, line: string | null): ThreadFinding {
  const last = log.at(-1)
  const at = last === undefined || last.place === null ? '' : ` at ${last.place}`
  const since = last === undefined ? 'its start' : `its operation ${last.what} [${last.index}]${at}`
  const where = line === null ? '' : `, and is at ${line}`
  return {
    kind: 'stuck',
    message:
      `thread ${thread} has run for ${limitMs / 1_000} s without an operation on shared memory since ${since}${where}: ` +
      'expected it to ask for one or to end; it turns in an endless loop, or blocks outside of Atomics',
  }
}
