import { Engine } from '../../../harness/threads/engine.ts'
import { runSchedule } from '../../../harness/threads/replay-fibers.ts'
import type { ScheduleResult } from '../../../harness/threads/schedule.ts'
import type { Strategy } from '../../../harness/threads/strategy/strategy.ts'
import { BugShown, type Program } from './program.ts'

export interface Outcome {
  readonly result: ScheduleResult
  readonly hasBug: boolean
}

/** Runs one schedule of a program. What is thrown and is not its bug is a mistake of the program, and thrown here. */
export function runOnce(program: Program, strategy: Strategy): Outcome {
  const engine = new Engine()
  const memory = new Int32Array(new SharedArrayBuffer(4 * program.words))
  const mutexes = Array.from({ length: program.mutexes }, () => engine.mutex())
  const { threads, final } = program.start({ memory, mutexes })
  const result = runSchedule(engine, threads, strategy, { above: (thread) => thread.advance() })
  if (result.ending === 'thrown' && !(result.thrown instanceof BugShown)) throw result.thrown
  const hasBug = result.ending === 'thrown' || result.ending === 'deadlock'
  return { result, hasBug: hasBug || (result.ending === 'done' && breaks(final)) }
}

/** How long a search may go on. Both are counted, never timed, so that every machine finds the same. */
export interface Limits {
  readonly schedules: number
  /** Over all schedules of a search. */
  readonly steps?: number
}

/** The number of the first schedule that shows the bug, from 1; null when none within the limits does. */
export function firstBug(program: Program, strategy: Strategy, limits: Limits): number | null {
  let steps = 0
  for (let schedule = 1; schedule <= limits.schedules; schedule++) {
    const { result, hasBug } = runOnce(program, strategy)
    if (hasBug) return schedule
    steps += result.choices.length
    if (!strategy.end(result.pending) || steps > (limits.steps ?? Number.POSITIVE_INFINITY)) return null
  }
  return null
}

function breaks(final: (() => void) | undefined): boolean {
  try {
    final?.()
    return false
  } catch (thrown) {
    if (thrown instanceof BugShown) return true
    throw thrown
  }
}
