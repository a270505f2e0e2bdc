import { inTask } from './event-loop/drain.ts'
import { followLocks } from './follow-locks.ts'
import { interceptBuiltins } from './intercept-builtins.ts'
import { interceptPlainAccesses } from './intercept-plain-accesses.ts'
import { interceptCompiling } from './intercept-refused.ts'
import type { Running } from './running.ts'

/**
 * Runs synchronous code, in which schedules are run, as a task of its own with everything intercepted, and puts all back
 * behind it.
 */
export function inThreadWorld<T>(running: Running, plainAccesses: boolean, code: () => T): Promise<T> {
  return inTask(() => {
    const undo = [followLocks(running), interceptBuiltins(running)]
    if (plainAccesses) undo.push(interceptPlainAccesses(running), interceptCompiling(running))
    try {
      return code()
    } finally {
      running.fiber = null
      for (const restore of undo.reverse()) restore()
    }
  })
}
