import { receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { locks } from '../../../harness/probe.ts'
import { Random } from '../../../harness/random.ts'
import { oneSchedule } from '../../../harness/threads/one-schedule.ts'
import type { ThreadActions } from '../../../harness/threads/replay-fibers.ts'
import { Running } from '../../../harness/threads/running.ts'
import { sourceSets } from '../../../harness/threads/strategy/source-sets.ts'
import type { ThreadFunction, ThreadProgram } from '../../../harness/threads/thread-program.ts'
import { inThreadWorld } from '../../../harness/threads/thread-world.ts'
import { ReentrantLock } from '../../../reference-impl/sync/reentrant-lock.ts'

type FunctionProgram<State> = Pick<ThreadProgram<State>, 'setup'> & {
  readonly threads: readonly ThreadFunction<State>[]
}

interface Shared {
  readonly words: Int32Array
  readonly mutex: Parameters<ThreadActions['lock']>[0]
  readonly lock: SharedArrayBuffer
}

const often = ['load', 'store', 'add', 'swap', 'plain', 'notify', 'mutex', 'lock', 'wait-briefly', 'clock']
const kinds = [...often, ...often, 'wait', 'new']
const lockOf = (buffer?: SharedArrayBuffer) => new ReentrantLock({ name: 'lock', places: 4, lends: 1, buffer })

function program(random: Random): FunctionProgram<Shared> {
  const draw = (thread: number): ThreadFunction<Shared> => {
    const steps = Array.from(
      { length: random.integer(2, 4) },
      () => [random.pick(kinds), random.pick([0, 0, 1])] as const,
    )
    return (shared, actions) =>
      steps.map(([kind, word], at) => act(kind, { shared, actions, word, value: 10 * thread + at + 1 }))
  }
  return { setup, threads: Array.from({ length: random.integer(2, 3) }, (_, thread) => draw(thread)) }
}

function setup(primitives: Parameters<ThreadProgram<Shared>['setup']>[0]): Shared {
  const wordsOf = () => new Int32Array(new SharedArrayBuffer(8))
  return { words: wordsOf(), mutex: primitives.mutex(), lock: lockOf().buffer }
}

interface Step {
  readonly shared: Shared
  readonly actions: ThreadActions
  readonly word: number
  readonly value: number
}

function act(kind: string, { shared, actions, word, value }: Step): unknown {
  const { words, mutex, lock } = shared
  if (kind === 'load') return Atomics.load(words, word)
  if (kind === 'store') return Atomics.store(words, word, value)
  if (kind === 'add') return Atomics.add(words, word, value)
  if (kind === 'swap') return Atomics.compareExchange(words, word, 0, value)
  if (kind === 'wait') return Atomics.wait(words, word, 0)
  if (kind === 'wait-briefly') return Atomics.wait(words, word, 0, 5)
  if (kind === 'notify') return Atomics.notify(words, word, 1)
  if (kind === 'mutex') return guarded(actions, mutex, `${value}`, () => Atomics.add(words, word, 1))
  if (kind === 'lock') return lockOf(lock).runSync(() => Atomics.load(words, word))
  if (kind === 'clock') return performance.now() + Math.random()
  if (kind === 'new') return Atomics.add(new Int32Array(new SharedArrayBuffer(4)), 0, value)
  words[word]! += 100
  return words[1 - word]
}

/** Says that it holds a lock, as locks of users do. */
function guarded(actions: ThreadActions, mutex: Shared['mutex'], owner: string, section: () => unknown): unknown {
  const say = (event: 'acquired' | 'released') => locks.publish({ event, lock: 'guard', id: 'guard', owner })
  actions.lock(mutex)
  say('acquired')
  const result = section()
  say('released')
  actions.unlock(mutex)
  return result
}

interface Explored {
  /** All that can be seen of each schedule. */
  readonly schedules: string[]
  /** How often the code of a thread was run. */
  readonly runs: number
  /** Something was foretold that did not come true. */
  readonly wasMisled: boolean
}

/** Explores a program, with threads that go ahead where they can or without. */
function explored<State>({ setup, threads }: FunctionProgram<State>, goesAhead: boolean): Promise<Explored> {
  const running = new Running()
  const { foretold, ...strategy } = sourceSets()
  const schedules: string[] = []
  let runs = 0
  const functions = threads.map(
    (run): ThreadFunction<State> =>
      (...args) => {
        runs++
        return run(...args)
      },
  )
  return inThreadWorld(running, false, () => {
    const options = { running, seed: 1, steps: 1_000, original: String, stacks: true, overtakes: 2 }
    const searching = goesAhead ? { ...strategy, foretold: foretold! } : strategy
    for (let more = true; more && schedules.length < 100; ) {
      const judged = oneSchedule({ setup, threads: functions }, functions, searching, options)
      schedules.push(toldOf(judged, running))
      more = strategy.end(judged.result.pending)
    }
    return { schedules, runs, wasMisled: running.isUnforeseeable }
  })
}

function toldOf({ result, finding, performed }: ReturnType<typeof oneSchedule>, { memory }: Running): string {
  const { ending, choices, answers, returned, thrown } = result
  const done = performed.map((each) => [each.kind, each.thread, each.reached?.() ?? each.accesses])
  const cells = memory!.buffers.map((buffer) => [...new Uint8Array(buffer)])
  return JSON.stringify([ending, choices, answers, returned, String(thrown), finding, done, cells])
}

type Channel = InstanceType<typeof MessageChannel>

type Writer = 'setup' | 'threads' | 'threads without Atomics'

/** Threads that throw unless a word is the number that setup has made, a different one each time. */
function comparing(numbers: () => number, by: Writer): FunctionProgram<{ words: Int32Array; number: number }> {
  return {
    setup: () => {
      const words = new Int32Array(new SharedArrayBuffer(8))
      const number = numbers()
      if (by === 'setup') words[0] = number
      return { words, number }
    },
    threads: [1, 2].map((own) => ({ words, number }) => {
      Atomics.add(words, 1, own)
      if (by === 'threads') Atomics.store(words, 0, number)
      if (by === 'threads without Atomics') words[0] = number
      Atomics.add(words, 1, own)
      if (Atomics.load(words, 0) !== number) throw new Error('not this number')
    }),
  }
}

describe('threads that go ahead in what is the same as in the schedule before', () => {
  let made = 0

  it('do what they do when they are suspended at each step, in 100 random programs', async () => {
    const random = new Random('ahead')
    let [ahead, suspended] = [0, 0]
    for (let drawn = 0; drawn < 100; drawn++) {
      const threads = program(random)
      const [one, other] = [await explored(threads, true), await explored(threads, false)]
      expect(one.schedules).toEqual(other.schedules)
      expect(one.wasMisled).toBe(false)
      ahead += one.runs
      suspended += other.runs
    }
    expect(ahead).toBeLessThan(suspended)
  })

  it('are run far less often under a lock', async () => {
    const enter = (buffer: SharedArrayBuffer) => lockOf(buffer).runSync(() => {})
    const threads = { setup: () => lockOf().buffer, threads: [enter, enter, enter] }
    const [one, other] = [await explored(threads, true), await explored(threads, false)]
    expect(one.schedules).toEqual(other.schedules)
    expect(one.runs).toBeLessThan(0.6 * other.runs)
  })

  it('may take messages, which couriers bring', async () => {
    const threads = {
      setup: () => new MessageChannel(),
      threads: [
        ({ port1 }: Channel) => [port1.postMessage(1), port1.postMessage(2)],
        ({ port2 }: Channel) => [receiveMessageOnPort(port2), receiveMessageOnPort(port2)],
      ],
    }
    const [one, other] = [await explored(threads, true), await explored(threads, false)]
    expect(one.schedules).toEqual(other.schedules)
    expect(one.schedules.length).toBeGreaterThan(3)
    expect(one.wasMisled).toBe(false)
  })

  it.each([
    ['counted', 'setup', () => ++made],
    ['counted', 'threads', () => ++made],
    ['counted', 'threads without Atomics', () => ++made],
    ['drawn at random', 'threads', () => Math.floor(Math.random() * 1e9)],
  ] as const)('see what setup makes anew each time: a number %s, written by %s', async (_, by, make) => {
    const { schedules } = await explored(comparing(make, by), true)
    expect(schedules.length).toBeGreaterThan(2)
    expect(schedules.filter((told) => told.includes('not this number'))).toEqual([])
  })
})
