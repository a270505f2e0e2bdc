import type { Engine } from './engine.ts'
import type { Fiber } from './fiber.ts'
import { acquire, lock, release, signal, tryLock, unlock, waitFor } from './modelled.ts'
import type { Operation } from './operation.ts'
import { real } from './real-atomics.ts'
import { type ThreadActions, ThreadAssertion } from './replay-fibers.ts'

/** What a thread of a small program can do, as operations of an engine that its fiber asks for. */
export function actionsOf(engine: Engine, fiber: Fiber): ThreadActions {
  const { thread } = fiber
  const modelled = (kind: string, place: number, declare: () => Operation) => fiber.ask(kind, place, declare)
  return {
    load: (array, index) => fiber.ask('load', index, () => engine.load(thread, array, index)) as number,
    read: (array, index) => fiber.ask('read', index, () => engine.load(thread, array, index, 'read')) as number,
    store: (array, index, value) =>
      fiber.ask('store', index, () => engine.store(thread, array, index, value)) as number,
    write: (array, index, value) =>
      fiber.ask('write', index, () => engine.store(thread, array, index, value, 'write')) as number,
    add: (array, index, value) =>
      fiber.ask('add', index, () => engine.update(thread, array, index, () => real.add(array, index, value))) as number,
    exchange: (array, index, value) =>
      fiber.ask('exchange', index, () =>
        engine.update(thread, array, index, () => real.exchange(array, index, value)),
      ) as number,
    compareExchange: (array, index, expected, value) =>
      fiber.ask('compareExchange', index, () =>
        engine.update(thread, array, index, () => real.compareExchange(array, index, expected, value)),
      ) as number,
    wait: (array, index, value, timeoutMs = Number.POSITIVE_INFINITY) =>
      fiber.ask('wait', index, () => engine.wait(thread, array, index, value, timeoutMs)) as 'ok',
    notify: (array, index, count = Number.POSITIVE_INFINITY) =>
      fiber.ask('notify', index, () => engine.notify(thread, array, index, count)) as number,
    lock: (mutex) => void modelled('lock', mutex.place, () => lock(thread, mutex)),
    tryLock: (mutex) => modelled('tryLock', mutex.place, () => tryLock(thread, mutex)) as boolean,
    unlock: (mutex) => void modelled('unlock', mutex.place, () => unlock(thread, mutex)),
    waitFor: (condition, mutex) => void modelled('waitFor', condition.place, () => waitFor(thread, condition, mutex)),
    signal: (condition) => modelled('signal', condition.place, () => signal(thread, condition, 1)) as number,
    broadcast: (condition) =>
      modelled('broadcast', condition.place, () => signal(thread, condition, Number.POSITIVE_INFINITY)) as number,
    acquire: (semaphore) => void modelled('acquire', semaphore.place, () => acquire(thread, semaphore)),
    release: (semaphore) => void modelled('release', semaphore.place, () => release(thread, semaphore)),
    yield: () => void fiber.ask('yield', 0, () => engine.yield(thread)),
    assert(holds, message) {
      if (!holds) throw new ThreadAssertion(message)
    },
    fail(message) {
      throw new ThreadAssertion(message)
    },
  }
}
