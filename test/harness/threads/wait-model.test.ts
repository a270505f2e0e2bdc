import { describe, expect, it } from 'vitest'
import { Random } from '../../../harness/random.ts'
import { Engine } from '../../../harness/threads/engine.ts'
import { LoopModel } from '../../../harness/threads/event-loop/loop-model.ts'
import { Parked } from '../../../harness/threads/operation.ts'

/** One step of a program: sleep on a word when it holds a value, wake some, change a word, or let the event loop have its turn. */
type Step =
  | readonly ['sleep', word: number, value: number, timeoutMs: number | undefined]
  | readonly ['notify', word: number, count: number | undefined]
  | readonly ['store', word: number, value: number]
  | readonly ['look', word: number, value: number]

/** What a program sees: what each step answers, and who wakes by it, in order. */
type Seen = readonly [answer: unknown, woken: readonly string[]]

function draw(random: Random): Step[] {
  return Array.from({ length: 14 }, (): Step => {
    const word = random.integer(0, 1)
    const kind = random.pick(['sleep', 'sleep', 'sleep', 'notify', 'notify', 'store', 'look'] as const)
    if (kind === 'sleep') return [kind, word, random.integer(0, 1), random.pick([undefined, 0, -5, 1e8, Number.NaN])]
    if (kind === 'notify') return [kind, word, random.pick([undefined, 0, 1, 1, 2])]
    return [kind, word, kind === 'look' ? 0 : random.integer(0, 1)]
  })
}

const memoryOfTwo = () => new Int32Array(new SharedArrayBuffer(8))

/** V8's own primitives: sleeping tasks stand in the same lists as blocked threads. */
async function inV8(steps: readonly Step[]): Promise<Seen[]> {
  const memory = memoryOfTwo()
  const woken: string[] = []
  const seen: Seen[] = []
  let called = 0
  for (const [at, step] of steps.entries()) {
    const [kind, word, value] = step
    let answer: unknown
    if (kind === 'sleep') {
      const waiting = Atomics.waitAsync(memory, word, value, step[3])
      if (waiting.async) void waiting.value.then((how) => woken.push(`${at} ${how}`))
      answer = waiting.async ? 'asleep' : waiting.value
    } else if (kind === 'notify') {
      answer = Atomics.notify(memory, word, value)
      called += answer as number
    } else if (kind === 'look') {
      while (woken.length < called) await new Promise(setImmediate)
      called = 0
    } else answer = Atomics.store(memory, word, value)
    seen.push([answer, woken.splice(0)])
  }
  for (const word of [0, 1]) Atomics.notify(memory, word)
  return seen
}

function inModel(steps: readonly Step[]): Seen[] {
  const memory = memoryOfTwo()
  const engine = new Engine()
  const loops = new LoopModel(engine)
  const sleepers = new Map<number, number>()
  let called = 0
  return steps.map((step, at): Seen => {
    const [kind, word, value] = step
    if (kind === 'store') return [engine.store(0, memory, word, value).perform(), []]
    if (kind === 'notify') {
      const answer = engine.notify(0, memory, word, value ?? Number.POSITIVE_INFINITY).perform()
      called += answer as number
      return [answer, []]
    }
    if (kind === 'look') return [undefined, called === 0 ? [] : woken()]
    const timeoutMs = Number.isNaN(step[3] ?? Number.NaN) ? Number.POSITIVE_INFINITY : step[3]!
    const answer = loops.waitAsync(0, memory, word, value, timeoutMs).perform()
    if (typeof answer === 'number') sleepers.set(answer, at)
    return [typeof answer === 'number' ? 'asleep' : answer, []]
  })

  function woken(): string[] {
    const sources = { waiters: [...sleepers.keys()], ports: [], immediate: false, timer: null, optional: false }
    const event = loops.nextEvent(0, sources).perform() as { waiters: readonly number[] }
    called = 0
    return event.waiters.map((waiter) => {
      const at = sleepers.get(waiter)
      sleepers.delete(waiter)
      return `${at} ok`
    })
  }
}

describe('the model of waits and notifications', () => {
  it("answers and wakes as V8's own primitives do, in 300 random programs", async () => {
    const random = new Random('waits and notifications')
    for (let program = 0; program < 300; program++) {
      const steps = draw(random)
      expect(inModel(steps), JSON.stringify(steps)).toEqual(await inV8(steps))
    }
  })

  it.each([
    [0, 0],
    [1, 0],
    [1, 5],
    [0, -1],
  ])('answers at once where V8 does, for the value %i and a time-out of %i ms', (value, timeoutMs) => {
    const memory = memoryOfTwo()
    const answer = new Engine().wait(0, memory, 0, value, timeoutMs).perform()
    expect(answer).toBe(Atomics.wait(memory, 0, value, timeoutMs))
  })

  it('times out where V8 does, and stands in the list no more', () => {
    const memory = memoryOfTwo()
    const engine = new Engine()
    const parked = engine.wait(0, memory, 0, 0, 5).perform()
    expect(parked).toBeInstanceOf(Parked)
    expect((parked as Parked).next.perform()).toBe(Atomics.wait(memory, 0, 0, 5))
    expect(engine.notify(1, memory, 0, 1).perform()).toBe(Atomics.notify(memory, 0, 1))
  })

  it('refuses what V8 refuses, with the same error', () => {
    const tell = (run: () => unknown) => {
      try {
        return run()
      } catch (error) {
        return (error as Error).name
      }
    }
    const local = new Int32Array(2)
    const bytes = new Uint8Array(new SharedArrayBuffer(8))
    const engine = new Engine()
    expect(tell(() => engine.wait(0, bytes, 0, 0, 1))).toBe(
      tell(() => Atomics.wait(bytes as unknown as Int32Array, 0, 0, 1)),
    )
    expect(tell(() => engine.load(0, memoryOfTwo(), 9))).toBe(tell(() => Atomics.load(memoryOfTwo(), 9)))
    expect(tell(() => engine.notify(0, local, 0, 1).perform())).toBe(tell(() => Atomics.notify(local, 0, 1)))
  })
})
