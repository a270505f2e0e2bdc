import { describe, expect, it } from 'vitest'
import { Random } from '../../../harness/random.ts'
import { type Condition, Engine, type Mutex, type Semaphore } from '../../../harness/threads/engine.ts'
import { inTask } from '../../../harness/threads/event-loop/drain.ts'
import { interceptBuiltins } from '../../../harness/threads/intercept-builtins.ts'
import { oneSchedule } from '../../../harness/threads/one-schedule.ts'
import { runSchedule, type ThreadBody } from '../../../harness/threads/replay-fibers.ts'
import { Running } from '../../../harness/threads/running.ts'
import { everyOrder } from '../../../harness/threads/strategy/every-order.ts'
import { sourceSets } from '../../../harness/threads/strategy/source-sets.ts'
import type { Strategy } from '../../../harness/threads/strategy/strategy.ts'

const words = ['load', 'store', 'add', 'swap', 'lock', 'wait', 'wait-briefly', 'notify'] as const
const modelled = ['load', 'store', 'lock', 'try-lock', 'wait-for', 'signal', 'broadcast', 'acquire', 'release'] as const
const loops = [
  'load',
  'store',
  'add',
  'wait-briefly',
  'notify',
  'sleep',
  'sleep-briefly',
  'await',
  'timer',
  'fork',
] as const
const operations = [...words, ...modelled, ...loops]
type Step = readonly [(typeof operations)[number], word: number, value: number]
type Program = readonly (readonly Step[])[]

interface Shared {
  memory: Int32Array
  mutexes: readonly Mutex[]
  condition: Condition
  semaphore: Semaphore
}

function draw(random: Random, among: readonly (typeof operations)[number][]): Program {
  const threads = random.integer(2, 3)
  return Array.from({ length: threads }, (_, thread) =>
    Array.from({ length: random.integer(1, threads === 2 ? 4 : 2) }, (__, at) => {
      return [random.pick(among), random.integer(0, 1), thread * 10 + at + 1] as const
    }),
  )
}

function bodyOf(steps: readonly Step[], { memory, mutexes, condition, semaphore }: Shared): ThreadBody {
  return (thread) => {
    const held = new Set<Mutex>()
    for (const [operation, word, value] of steps) {
      const mutex = mutexes[word]!
      if (operation === 'load') thread.load(memory, word)
      else if (operation === 'store') thread.store(memory, word, value)
      else if (operation === 'add') thread.add(memory, word, 1)
      else if (operation === 'swap') thread.compareExchange(memory, word, 0, value)
      else if (operation === 'wait') thread.wait(memory, word, 0)
      else if (operation === 'wait-briefly') thread.wait(memory, word, 0, 1)
      else if (operation === 'notify') thread.notify(memory, word, 1)
      else if (operation === 'signal') thread.signal(condition)
      else if (operation === 'broadcast') thread.broadcast(condition)
      else if (operation === 'acquire') thread.acquire(semaphore)
      else if (operation === 'release') thread.release(semaphore)
      else if (operation === 'wait-for') {
        if (held.has(mutex)) thread.waitFor(condition, mutex)
      } else if (operation === 'try-lock' && !held.has(mutex)) {
        if (thread.tryLock(mutex)) held.add(mutex)
      } else if (held.delete(mutex)) thread.unlock(mutex)
      else {
        thread.lock(mutex)
        held.add(mutex)
      }
    }
    for (const mutex of held) thread.unlock(mutex)
  }
}

/** All that can come out of a program: memory, answers and ending; null when that takes too many schedules. */
function outcomes(program: Program, strategy: Strategy): Set<string> | null {
  const seen = new Set<string>()
  for (let runs = 0; runs < 3_000; runs++) {
    const engine = new Engine()
    const memory = new Int32Array(new SharedArrayBuffer(8))
    const mutexes = [engine.mutex(), engine.mutex()]
    const shared = { memory, mutexes, condition: engine.condition(), semaphore: engine.semaphore(1) }
    const left = program.map((steps) => bodyOf(steps, shared))
    const { ending, answers, thrown, pending } = runSchedule(engine, left, strategy)
    if (thrown !== undefined) throw thrown
    if (ending !== 'redundant') seen.add(JSON.stringify([[...memory], answers, ending]))
    if (!strategy.end(pending)) return seen
  }
  return null
}

/** The same steps by a thread with an event loop, where `fork` begins a second task with the steps behind it. */
async function runTask(steps: readonly Step[], memory: Int32Array): Promise<unknown> {
  const seen: unknown[] = []
  for (const [at, [operation, word, value]] of steps.entries()) {
    if (operation === 'load') seen.push(Atomics.load(memory, word))
    else if (operation === 'store') Atomics.store(memory, word, value)
    else if (operation === 'add') seen.push(Atomics.add(memory, word, 1))
    else if (operation === 'notify') seen.push(Atomics.notify(memory, word, 1))
    else if (operation === 'wait-briefly') seen.push(Atomics.wait(memory, word, 0, 1))
    else if (operation === 'sleep') seen.push(await Atomics.waitAsync(memory, word, 0).value)
    else if (operation === 'sleep-briefly') seen.push(await Atomics.waitAsync(memory, word, 0, 1).value)
    else if (operation === 'await') await null
    else if (operation === 'timer') await new Promise((resolve) => setTimeout(resolve, 1))
    else if (operation === 'fork')
      return [seen, await Promise.all([runTask(steps.slice(at + 1), memory), Atomics.load(memory, word)])]
  }
  return seen
}

/** All that can come out of a program of threads with event loops; null when that takes too many schedules. */
function outcomesOfTasks(program: Program, strategy: Strategy, running: Running): Set<string> | null {
  const functions = program.map((steps) => (memory: Int32Array) => runTask(steps, memory))
  const threads = { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads: functions }
  const options = { running, seed: 1, steps: 1_000, original: String }
  const seen = new Set<string>()
  for (let runs = 0; runs < 1_000; runs++) {
    const { result } = oneSchedule(threads, functions, strategy, options)
    if (result.thrown !== undefined) throw result.thrown
    const cells = running.memory!.buffers.map((buffer) => [...new Int32Array(buffer)])
    if (result.ending !== 'redundant') seen.add(JSON.stringify([cells, result.answers, result.returned, result.ending]))
    if (!strategy.end(result.pending)) return seen
  }
  return null
}

/** Compares the outcomes of so many programs; answers those for which they differ. */
function unlikePrograms(programs: number): string[] {
  const random = new Random('source sets of event loops')
  const running = new Running()
  const restore = interceptBuiltins(running)
  const unlike: string[] = []
  try {
    for (let compared = 0; compared < programs; ) {
      const program = draw(random, loops)
      const all = outcomesOfTasks(program, everyOrder(), running)
      if (all === null) continue
      compared++
      const reduced = outcomesOfTasks(program, sourceSets(), running) ?? new Set()
      if (reduced.size !== all.size || ![...all].every((each) => reduced.has(each)))
        unlike.push(JSON.stringify(program))
    }
    return unlike
  } finally {
    restore()
  }
}

describe('source sets with sleep sets', () => {
  it.each([
    ['words', words],
    ['modelled primitives', modelled],
  ] as const)('reach exactly the outcomes of every order, on 1,000 random programs of %s', (name, among) => {
    const random = new Random(`source sets ${name}`)
    for (let compared = 0; compared < 1_000; ) {
      const program = draw(random, among)
      const all = outcomes(program, everyOrder())
      if (all === null) continue
      compared++
      expect([...(outcomes(program, sourceSets()) ?? [])].sort(), JSON.stringify(program)).toEqual([...all].sort())
    }
  })

  it('reach exactly the outcomes of every order, on 120 random programs of threads with event loops', async () => {
    expect(await inTask(() => unlikePrograms(120))).toEqual([])
  })
})
