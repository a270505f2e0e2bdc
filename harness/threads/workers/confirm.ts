import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { Executor, Judged } from '../one-schedule.ts'
import type { Operation } from '../operation.ts'
import type { CompiledThread } from '../thread-program.ts'
import { RealWorkers } from './real-workers.ts'

/** Why a failure was not run on real workers, in words. */
export function notConfirmed(why: string): string {
  return `not confirmed on real workers: ${why}`
}

export interface ConfirmOptions {
  readonly seed: number
  /** Runs the schedule by another executor. */
  rerun(executor: Executor): Promise<Judged>
}

/** Runs a schedule of replay fibers on real workers too. Says in words whether they did the same, and where not. */
export async function confirmOnWorkers(
  fibers: Judged,
  codes: readonly CompiledThread[],
  { seed, rerun }: ConfirmOptions,
): Promise<string> {
  try {
    const workers = await RealWorkers.start(codes, { seed })
    try {
      const unlike = difference(fibers, await rerun(workers.executor))
      const steps = fibers.performed.length
      if (unlike !== null) return notConfirmed(`they went another way, ${unlike}`)
      return `confirmed on real workers: ${codes.length} workers took the same ${steps} steps to the same end`
    } finally {
      await workers.close()
    }
  } catch (thrown) {
    return notConfirmed(messageOf(thrown))
  }
}

/** The same schedule on real workers: where it first went another way; null when it did not. */
export function difference(fibers: Judged, workers: Judged): string | null {
  for (let step = 0; step < Math.max(fibers.performed.length, workers.performed.length); step++) {
    const [expected, came] = [fibers.performed[step], workers.performed[step]].map(told)
    if (expected !== came) return `step ${step + 1} was ${expected}, and there it was ${came}`
  }
  const parts = [
    ['the end', fibers.result.ending, workers.result.ending],
    ['what operations answered', fibers.result.answers, workers.result.answers],
    ['what was returned', fibers.result.returned, workers.result.returned],
    ['the finding', fibers.finding?.kind, workers.finding?.kind],
  ] as const
  const unlike = parts.find(([, expected, came]) => !isDeepStrictEqual(expected, came))
  return unlike === undefined
    ? null
    : `${unlike[0]} was ${JSON.stringify(unlike[1])}, and there ${JSON.stringify(unlike[2])}`
}

function told(operation: Operation | undefined): string {
  if (operation === undefined) return 'none'
  const places = operation.accesses.map(({ from, to }) => `${from}–${to}`).join(' and ')
  return `${operation.kind} of thread ${operation.thread} at ${places}`
}
