import { cannotBlock } from './cannot-block.ts'
import { loopOf } from './event-loop/fiber-loop.ts'
import { type AtomicsFunctions, type Integer, type IntegerArray, real } from './real-atomics.ts'
import type { Running } from './running.ts'

const updates = ['add', 'sub', 'and', 'or', 'xor', 'exchange'] as const

/**
 * Replaces the functions of the global `Atomics`: on shared memory, in the code of a thread, they ask the thread's fiber;
 * everywhere else they are what they were. Returns what puts the real ones back.
 */
export function interceptAtomics(running: Running): () => void {
  const replacements: Partial<Record<string, unknown>> = {
    ...memoryFunctions(running),
    ...waitingFunctions(running),
  }
  Object.assign(Atomics, replacements)
  return () => void Object.assign(Atomics, originals(Object.keys(replacements)))
}

function originals(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(real, name)]))
}

function memoryFunctions(running: Running): Partial<AtomicsFunctions> {
  return {
    ...Object.fromEntries(updates.map((name) => [name, updateFunction(running, name)])),
    load(array: IntegerArray, index: number): Integer {
      const { fiber, engine } = running
      if (fiber === null || !fiber.shares(array)) return real.load(array, index)
      if (!fiber.isNew) return fiber.repeat('load', index) as Integer
      if (fiber.isAhead) return loadAhead(running, array, index)
      return fiber.declare('load', index, engine!.load(fiber.thread, array, index)) as Integer
    },
    store(array: IntegerArray, index: number, value: Integer): Integer {
      const { fiber, engine } = running
      if (fiber === null || !fiber.shares(array)) return real.store(array, index, value)
      if (!fiber.isNew) return fiber.repeat('store', index) as Integer
      if (fiber.isAhead) return storeAhead(running, array, index, value)
      return fiber.declare('store', index, engine!.store(fiber.thread, array, index, value)) as Integer
    },
    compareExchange(array: IntegerArray, index: number, expected: Integer, value: Integer): Integer {
      const { fiber } = running
      if (fiber === null || !fiber.shares(array)) return real.compareExchange(array, index, expected, value)
      if (!fiber.isNew) return fiber.repeat('compareExchange', index) as Integer
      return declareUpdate(running, 'compareExchange', exchanging(array, index, expected, value))
    },
  }
}

function updateFunction(running: Running, name: (typeof updates)[number]) {
  const update = real[name]
  return (array: IntegerArray, index: number, value: Integer): Integer => {
    const { fiber } = running
    if (fiber === null || !fiber.shares(array)) return update(array, index, value)
    if (!fiber.isNew) return fiber.repeat(name, index) as Integer
    return declareUpdate(running, name, updating(update, array, index, value))
  }
}

/** A change of a word that is to be made in the thread's turn. */
interface Update {
  readonly array: IntegerArray
  readonly index: number
  readonly change: () => Integer
  readonly expected?: Integer
}

// Apart, so that a call makes no closure, or even the place for its variables, unless it needs one.

function updating(update: AtomicsFunctions['add'], array: IntegerArray, index: number, value: Integer): Update {
  return { array, index, change: () => update(array, index, value) }
}

function exchanging(array: IntegerArray, index: number, expected: Integer, value: Integer): Update {
  return { array, index, change: () => real.compareExchange(array, index, expected, value), expected }
}

function declareUpdate(running: Running, name: string, update: Update): Integer {
  const { fiber, engine } = running
  if (fiber!.isAhead) return updateAhead(running, name, update)
  const { array, index, change, expected } = update
  return fiber!.declare(name, index, engine!.update(fiber!.thread, array, index, change, expected)) as Integer
}

function loadAhead({ fiber, engine }: Running, array: IntegerArray, index: number): Integer {
  return fiber!.ask('load', index, () => engine!.load(fiber!.thread, array, index)) as Integer
}

function storeAhead({ fiber, engine }: Running, array: IntegerArray, index: number, value: Integer): Integer {
  return fiber!.ask('store', index, () => engine!.store(fiber!.thread, array, index, value)) as Integer
}

function updateAhead({ fiber, engine }: Running, name: string, { array, index, change, expected }: Update): Integer {
  return fiber!.ask(name, index, () => engine!.update(fiber!.thread, array, index, change, expected)) as Integer
}

function waitingFunctions(running: Running) {
  return {
    wait(array: IntegerArray, index: number, value: Integer, timeout?: number): unknown {
      const timeoutMs = patienceOf(timeout)
      const { fiber, engine } = running
      if (fiber === null) return real.wait(array, index, value, timeoutMs)
      if (!fiber.canBlock) return cannotBlock(fiber, array, index)
      const answer = fiber.ask('wait', index, () => engine!.wait(fiber.thread, array, index, value, timeoutMs))
      if (answer === 'timed-out' && fiber.isNew) fiber.nowMs += timeoutMs
      return answer
    },
    notify(array: IntegerArray, index: number, count = Number.POSITIVE_INFINITY): unknown {
      const { fiber, engine } = running
      if (fiber === null || !fiber.shares(array)) return real.notify(array, index, count)
      return fiber.ask('notify', index, () => engine!.notify(fiber.thread, array, index, count))
    },
    waitAsync(array: IntegerArray, index: number, value: Integer, timeout?: number): unknown {
      const timeoutMs = patienceOf(timeout)
      const { fiber, loops } = running
      if (fiber === null) return real.waitAsync(array, index, value, timeoutMs)
      const answer = fiber.ask('waitAsync', index, () =>
        loops!.waitAsync(fiber.thread, array, index, value, timeoutMs),
      ) as string | number
      if (typeof answer === 'string') return { async: false, value: answer }
      return { async: true, value: loopOf(running)!.sleeps(answer, timeoutMs) }
    },
  }
}

/** Milliseconds as `Atomics.wait` takes them: what is no number has no end. */
function patienceOf(timeout: number | undefined): number {
  const timeoutMs = Number(timeout)
  return Number.isNaN(timeoutMs) ? Number.POSITIVE_INFINITY : timeoutMs
}
