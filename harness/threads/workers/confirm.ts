import { inspect, isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { Confirmation } from '../../record.ts'
import type { Executor, Judged } from '../one-schedule.ts'
import type { Operation } from '../operation.ts'
import { NotOnWorkers } from './not-on-workers.ts'
import { RealWorkers, type RealWorkersOptions, type WorkerProgram } from './real-workers.ts'

/** A failure that was not run on real workers, or went otherwise there. */
export function notConfirmed(why: string): Confirmation {
  return { confirmed: false, told: `not confirmed on real workers: ${why}` }
}

export interface ConfirmOptions<Ran> extends RealWorkersOptions {
  /** Runs the schedule by another executor. */
  rerun(executor: Executor): Promise<Ran>
  /** Where what came of it first went another way, in words; null when it did not. */
  difference(workers: Ran): string | null
  /** What they did when it did not, in words. */
  readonly same: string
}

/** Runs a schedule of replay fibers on real workers too. Says whether they did the same, and where not. */
export async function confirmOnWorkers<Ran>(
  program: WorkerProgram,
  { rerun, difference, same, ...options }: ConfirmOptions<Ran>,
): Promise<Confirmation> {
  try {
    const workers = await RealWorkers.start(program, options)
    try {
      const unlike = difference(await rerun(workers.executor))
      if (unlike !== null) return notConfirmed(unlike)
      return { confirmed: true, told: `confirmed on real workers: ${program.codes.length} workers ${same}` }
    } finally {
      await workers.close()
    }
  } catch (thrown) {
    return notConfirmed(messageOf(thrown))
  }
}

/** What workers did that did the same, in words. */
export function sameSteps({ performed }: Judged): string {
  return `took the same ${performed.length} steps to the same end`
}

/** The same schedule on real workers: where it first went another way, with what was returned; null when it did not. */
export function difference(fibers: Judged, workers: Judged): string | null {
  return (
    scheduleDifference(fibers, workers) ??
    unlike('what was returned', fibers.result.returned, workers.result.returned) ??
    unlike('the finding', fibers.finding?.kind, workers.finding?.kind)
  )
}

/** Where the operations of a schedule, or what they answered, first differ on real workers; null when they do not. */
export function scheduleDifference(fibers: Judged, workers: Judged): string | null {
  // What the workers cannot have is also why they went another way.
  if (workers.result.thrown instanceof NotOnWorkers) return workers.result.thrown.message
  for (let step = 0; step < Math.max(fibers.performed.length, workers.performed.length); step++) {
    const [expected, came] = [fibers.performed[step], workers.performed[step]].map(told)
    if (expected !== came) {
      return `they went another way, step ${step + 1} was ${expected}, and there it was ${came}${reasonOf(workers)}`
    }
  }
  return (
    unlike('the end', fibers.result.ending, workers.result.ending) ??
    unlike('what operations answered', fibers.result.answers, workers.result.answers)
  )
}

/** Says what was one thing on replay fibers and another on real workers; null when both are the same. */
export function unlike(what: string, fibers: unknown, workers: unknown): string | null {
  if (isDeepStrictEqual(fibers, workers)) return null
  const [here, there] = [fibers, workers].map((value) => inspect(value, { breakLength: Number.POSITIVE_INFINITY }))
  return `they went another way, ${what} was ${here}, and there ${there}`
}

function reasonOf({ result: { thrown } }: Judged): string {
  return thrown === undefined ? '' : ` (${messageOf(thrown)})`
}

function told(operation: Operation | undefined): string {
  if (operation === undefined) return 'none'
  const places = operation.accesses.map(({ from, to }) => `${from}–${to}`).join(' and ')
  return `${operation.kind} of thread ${operation.thread} at ${places}`
}
