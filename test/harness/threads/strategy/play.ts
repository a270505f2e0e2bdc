import { Engine } from '../../../../harness/threads/engine.ts'
import { runSchedule, type ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import type { ScheduleResult } from '../../../../harness/threads/schedule.ts'
import type { Strategy } from '../../../../harness/threads/strategy/strategy.ts'

/** Runs schedules of threads that share a few words, until so many were run or the strategy has no more. */
export function play(
  strategy: Strategy,
  schedules: number,
  threadsOn: (memory: Int32Array) => readonly ThreadBody[],
): ScheduleResult[] {
  const results: ScheduleResult[] = []
  while (results.length < schedules) {
    const result = runSchedule(new Engine(), threadsOn(new Int32Array(new SharedArrayBuffer(32))), strategy)
    results.push(result)
    if (!strategy.end(result.pending)) break
  }
  return results
}

/** A thread that adds to the given words, one after another. */
export function adding(memory: Int32Array, ...words: readonly number[]): ThreadBody {
  return (thread) => {
    for (const word of words) thread.add(memory, word, 1)
  }
}

/** How far counts of equally likely cases are from equal (Pearson). */
export function chiSquare(cases: readonly string[], kinds: number): number {
  const counts = new Map<string, number>()
  for (const seen of cases) counts.set(seen, (counts.get(seen) ?? 0) + 1)
  const expected = cases.length / kinds
  const missing = (kinds - counts.size) * expected
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, missing)
}
