import { describe, expect, it } from 'vitest'
import { type Judged, oneSchedule } from '../../../../harness/threads/one-schedule.ts'
import { Running } from '../../../../harness/threads/running.ts'
import { follow } from '../../../../harness/threads/strategy/follow.ts'
import { randomWalk } from '../../../../harness/threads/strategy/random-walk.ts'
import { type CompiledThread, loadThreads } from '../../../../harness/threads/thread-program.ts'
import { inThreadWorld } from '../../../../harness/threads/thread-world.ts'
import { difference } from '../../../../harness/threads/workers/confirm.ts'
import { moduleWorkers } from '../../../../harness/threads/workers/module-workers.ts'
import { RealWorkers } from '../../../../harness/threads/workers/real-workers.ts'
import { ReentrantLock } from '../../../../reference-impl/sync/reentrant-lock.ts'
import { SharedSemaphore } from '../../../../reference-impl/sync/shared-semaphore.ts'

const module = new URL('../../../fixtures/threads/agreeing.ts', import.meta.url)

function setup() {
  const { port1, port2 } = new MessageChannel()
  const other = new MessageChannel()
  return {
    ports: [port1, port2],
    others: [other.port1, other.port2],
    words: new Int32Array(new SharedArrayBuffer(16)),
    wide: new BigInt64Array(new SharedArrayBuffer(32)),
    bytes: new Uint8Array(new SharedArrayBuffer(8)),
    lock: new ReentrantLock({ name: 'agreeing', places: 4, lends: 1 }).buffer,
    semaphore: new SharedSemaphore({ name: 'agreeing', permits: 1, places: 4, lends: 1 }).buffer,
  }
}

const programs = [
  ['increment', 'increment', 'increment'],
  ['everyUpdate', 'everyUpdate'],
  ['sleep', 'sleep', 'wake'],
  ['sleepBriefly', 'sleepBriefly', 'wake'],
  ['spin', 'spin'],
  ['draw', 'draw', 'increment'],
  ['makeMemory', 'makeMemory', 'increment'],
  ['complain', 'complain', 'complain'],
  ['locked', 'locked'],
  ['locked', 'lockedTasks'],
  ['permitted', 'permitted'],
  ['sleepAsync', 'sleepAsyncBriefly', 'wake'],
  ['timers', 'timers', 'sleepAsync', 'wake'],
  ['send', 'poll'],
  ['send', 'hear', 'increment'],
  ['sendToBoth', 'hearBoth'],
]

/** Runs random schedules on replay fibers, and the choices of each on real workers; answers the pairs. */
async function runTwice(names: readonly string[], schedules: number): Promise<[Judged, Judged][]> {
  const threads = names.map((run) => ({ module, run }))
  const { functions, compiled, canBlock } = await loadThreads(threads, { plainAccesses: false })
  const workers = await RealWorkers.start(moduleWorkers(compiled as CompiledThread[], canBlock), { seed: 1 })
  const program = { setup, threads }
  const strategy = randomWalk(7)
  const running = new Running()
  const options = { running, seed: 1, steps: 1_000, original: String }
  const once = (): [Judged, Judged] => {
    const fibers = oneSchedule(program, functions, strategy, options)
    strategy.end([])
    const { executor } = workers
    return [fibers, oneSchedule(program, functions, follow(fibers.result.choices), { ...options, executor })]
  }
  try {
    return await inThreadWorld(running, false, () => Array.from({ length: schedules }, once))
  } finally {
    await workers.close()
  }
}

describe('real workers', () => {
  it.each(programs.map((names) => ({ names })))('do the same as replay fibers: $names', async ({ names }) => {
    const pairs = await runTwice(names, 75)
    expect(pairs.map(([fibers, workers]) => difference(fibers, workers)).filter((each) => each !== null)).toEqual([])
    // One order alone would prove little.
    expect(new Set(pairs.map(([fibers]) => fibers.result.choices.join())).size).toBeGreaterThan(5)
  })
})
