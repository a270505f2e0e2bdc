import { loopOf } from './event-loop/fiber-loop.ts'
import { type AtomicsFunctions, type Integer, type IntegerArray, isShared, real } from './real-atomics.ts'
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
      if (fiber === null || !isShared(array)) return real.load(array, index)
      if (!fiber.isNew) return fiber.repeat('load', index) as Integer
      if (fiber.isAhead) return loadAhead(running, array, index)
      return fiber.declare('load', index, engine!.load(fiber.thread, array, index)) as Integer
    },
    store(array: IntegerArray, index: number, value: Integer): Integer {
      const { fiber, engine } = running
      if (fiber === null || !isShared(array)) return real.store(array, index, value)
      if (!fiber.isNew) return fiber.repeat('store', index) as Integer
      if (fiber.isAhead) return storeAhead(running, array, index, value)
      return fiber.declare('store', index, engine!.store(fiber.thread, array, index, value)) as Integer
    },
    compareExchange(array: IntegerArray, index: number, expected: Integer, value: Integer): Integer {
      const { fiber } = running
      if (fiber === null || !isShared(array)) return real.compareExchange(array, index, expected, value)
      if (!fiber.isNew) return fiber.repeat('compareExchange', index) as Integer
      return declareExchange(running, array, index, { expected, value })
    },
  }
}

function updateFunction(running: Running, name: (typeof updates)[number]) {
  return (array: IntegerArray, index: number, value: Integer): Integer => {
    const { fiber } = running
    if (fiber === null || !isShared(array)) return real[name](array, index, value)
    if (!fiber.isNew) return fiber.repeat(name, index) as Integer
    return declareUpdate(running, name, array, { index, value })
  }
}

// Apart, so that a call that only repeats itself makes no closure.

function loadAhead({ fiber, engine }: Running, array: IntegerArray, index: number): Integer {
  return fiber!.ask('load', index, () => engine!.load(fiber!.thread, array, index)) as Integer
}

function storeAhead({ fiber, engine }: Running, array: IntegerArray, index: number, value: Integer): Integer {
  return fiber!.ask('store', index, () => engine!.store(fiber!.thread, array, index, value)) as Integer
}

function declareUpdate(
  { fiber, engine }: Running,
  name: (typeof updates)[number],
  array: IntegerArray,
  { index, value }: { index: number; value: Integer },
): Integer {
  const change = () => real[name](array, index, value)
  return fiber!.ask(name, index, () => engine!.update(fiber!.thread, array, index, change)) as Integer
}

function declareExchange(
  { fiber, engine }: Running,
  array: IntegerArray,
  index: number,
  { expected, value }: { expected: Integer; value: Integer },
): Integer {
  const change = () => real.compareExchange(array, index, expected, value)
  const declare = () => engine!.update(fiber!.thread, array, index, change, expected)
  return fiber!.ask('compareExchange', index, declare) as Integer
}

function waitingFunctions(running: Running) {
  return {
    wait(array: IntegerArray, index: number, value: Integer, timeout?: number): unknown {
      const timeoutMs = patienceOf(timeout)
      const { fiber, engine } = running
      if (fiber === null) return real.wait(array, index, value, timeoutMs)
      const answer = fiber.ask('wait', index, () => engine!.wait(fiber.thread, array, index, value, timeoutMs))
      if (answer === 'timed-out' && fiber.isNew) fiber.nowMs += timeoutMs
      return answer
    },
    notify(array: IntegerArray, index: number, count = Number.POSITIVE_INFINITY): unknown {
      const { fiber, engine } = running
      if (fiber === null || !isShared(array)) return real.notify(array, index, count)
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
