import { HarnessError } from '../errors.ts'
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
      return fiber.ask('load', index, () => engine!.load(fiber.thread, array, index)) as Integer
    },
    store(array: IntegerArray, index: number, value: Integer): Integer {
      const { fiber, engine } = running
      if (fiber === null || !isShared(array)) return real.store(array, index, value)
      return fiber.ask('store', index, () => engine!.store(fiber.thread, array, index, value)) as Integer
    },
    compareExchange(array: IntegerArray, index: number, expected: Integer, value: Integer): Integer {
      const { fiber, engine } = running
      if (fiber === null || !isShared(array)) return real.compareExchange(array, index, expected, value)
      const change = () => real.compareExchange(array, index, expected, value)
      return fiber.ask('compareExchange', index, () => engine!.update(fiber.thread, array, index, change)) as Integer
    },
  }
}

function updateFunction(running: Running, name: (typeof updates)[number]) {
  return (array: IntegerArray, index: number, value: Integer): Integer => {
    const { fiber, engine } = running
    if (fiber === null || !isShared(array)) return real[name](array, index, value)
    const change = () => real[name](array, index, value)
    return fiber.ask(name, index, () => engine!.update(fiber.thread, array, index, change)) as Integer
  }
}

function waitingFunctions(running: Running) {
  return {
    wait(array: IntegerArray, index: number, value: Integer, timeoutMs = Number.POSITIVE_INFINITY): unknown {
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
    waitAsync(array: IntegerArray, index: number, value: Integer, timeoutMs?: number): unknown {
      const { fiber } = running
      if (fiber === null)
        return Reflect.apply(Reflect.get(real, 'waitAsync'), Atomics, [array, index, value, timeoutMs])
      throw new HarnessError(
        'ERR_WORLD_UNSUPPORTED',
        'Atomics.waitAsync() was called in a thread of an exploration, where threads are synchronous functions: ' +
          'expected Atomics.wait(); let the thread use what blocks, such as runSync() in place of run()',
      )
    },
  }
}
