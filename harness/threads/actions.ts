import { cannotBlock } from './cannot-block.ts'
import type { Condition, Engine, Mutex, Semaphore } from './engine.ts'
import type { Fiber } from './fiber.ts'
import { acquire, lock, release, signal, tryLock, unlock, waitFor } from './modelled.ts'
import type { Operation } from './operation.ts'
import { type IntegerArray, real } from './real-atomics.ts'
import { type ThreadActions, ThreadAssertion } from './replay-fibers.ts'

type Changing = 'add' | 'exchange'

/** What a thread of a small program can do, as operations of an engine that its fiber asks for. */
export class FiberActions implements ThreadActions {
  static {
    // Programs take actions apart, as in `({ load, store }) => …`: whatever is looked up is bound then, and only then.
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(FiberActions.prototype))) {
      if (name === 'constructor') continue
      const get = function (this: FiberActions) {
        return value.bind(this)
      }
      Object.defineProperty(FiberActions.prototype, name, { get })
    }
  }

  readonly #engine: Engine
  readonly #fiber: Fiber

  constructor(engine: Engine, fiber: Fiber) {
    this.#engine = engine
    this.#fiber = fiber
  }

  load(array: IntegerArray, index: number): number {
    const fiber = this.#fiber
    if (!fiber.isNew) return fiber.repeat('load', index) as number
    if (fiber.isAhead) return this.#loadAhead('load', array, index)
    return fiber.declare('load', index, this.#engine.load(fiber.thread, array, index)) as number
  }

  read(array: IntegerArray, index: number): number {
    const fiber = this.#fiber
    if (!fiber.isNew) return fiber.repeat('read', index) as number
    if (fiber.isAhead) return this.#loadAhead('read', array, index)
    return fiber.declare('read', index, this.#engine.load(fiber.thread, array, index, 'read')) as number
  }

  store(array: IntegerArray, index: number, value: number): number {
    const fiber = this.#fiber
    if (!fiber.isNew) return fiber.repeat('store', index) as number
    if (fiber.isAhead) return this.#storeAhead('store', array, index, value)
    return fiber.declare('store', index, this.#engine.store(fiber.thread, array, index, value)) as number
  }

  write(array: IntegerArray, index: number, value: number): number {
    const fiber = this.#fiber
    if (!fiber.isNew) return fiber.repeat('write', index) as number
    if (fiber.isAhead) return this.#storeAhead('write', array, index, value)
    return fiber.declare('write', index, this.#engine.store(fiber.thread, array, index, value, 'write')) as number
  }

  add(array: IntegerArray, index: number, value: number): number {
    return this.#update('add', array, index, value)
  }

  exchange(array: IntegerArray, index: number, value: number): number {
    return this.#update('exchange', array, index, value)
  }

  compareExchange(array: IntegerArray, index: number, expected: number, value: number): number {
    const change = () => real.compareExchange(array, index, expected, value)
    const declare = () => this.#engine.update(this.#fiber.thread, array, index, change, expected)
    return this.#fiber.ask('compareExchange', index, declare) as number
  }

  wait(array: Int32Array, index: number, value: number, timeoutMs = Number.POSITIVE_INFINITY): 'ok' {
    if (!this.#fiber.canBlock) return cannotBlock(this.#fiber, array, index)
    const declare = () => this.#engine.wait(this.#fiber.thread, array, index, value, timeoutMs)
    return this.#fiber.ask('wait', index, declare) as 'ok'
  }

  notify(array: Int32Array, index: number, count = Number.POSITIVE_INFINITY): number {
    return this.#fiber.ask('notify', index, () =>
      this.#engine.notify(this.#fiber.thread, array, index, count),
    ) as number
  }

  lock(mutex: Mutex): void {
    this.#modelled('lock', mutex.place, (thread) => lock(thread, mutex))
  }

  tryLock(mutex: Mutex): boolean {
    return this.#modelled('tryLock', mutex.place, (thread) => tryLock(thread, mutex)) as boolean
  }

  unlock(mutex: Mutex): void {
    this.#modelled('unlock', mutex.place, (thread) => unlock(thread, mutex))
  }

  waitFor(condition: Condition, mutex: Mutex): void {
    this.#modelled('waitFor', condition.place, (thread) => waitFor(thread, condition, mutex))
  }

  signal(condition: Condition): number {
    return this.#modelled('signal', condition.place, (thread) => signal(thread, condition, 1)) as number
  }

  broadcast(condition: Condition): number {
    const all = (thread: number) => signal(thread, condition, Number.POSITIVE_INFINITY)
    return this.#modelled('broadcast', condition.place, all) as number
  }

  acquire(semaphore: Semaphore): void {
    this.#modelled('acquire', semaphore.place, (thread) => acquire(thread, semaphore))
  }

  release(semaphore: Semaphore): void {
    this.#modelled('release', semaphore.place, (thread) => release(thread, semaphore))
  }

  yield(): void {
    this.#fiber.ask('yield', 0, () => this.#engine.yield(this.#fiber.thread))
  }

  assert(holds: boolean, message: string): asserts holds {
    if (!holds) throw new ThreadAssertion(message)
  }

  fail(message: string): never {
    throw new ThreadAssertion(message)
  }

  #update(name: Changing, array: IntegerArray, index: number, value: number): number {
    const change = () => real[name](array, index, value)
    return this.#fiber.ask(name, index, () => this.#engine.update(this.#fiber.thread, array, index, change)) as number
  }

  #modelled(what: string, place: number, declare: (thread: number) => Operation): unknown {
    const fiber = this.#fiber
    if (!fiber.isNew) return fiber.repeat(what, place)
    return fiber.isAhead ? this.#ahead(what, place, declare) : fiber.declare(what, place, declare(fiber.thread))
  }

  // Apart, so that all others make no closure.

  #loadAhead(kind: 'load' | 'read', array: IntegerArray, index: number): number {
    return this.#ahead(kind, index, (thread) => this.#engine.load(thread, array, index, kind)) as number
  }

  #storeAhead(kind: 'store' | 'write', array: IntegerArray, index: number, value: number): number {
    return this.#ahead(kind, index, (thread) => this.#engine.store(thread, array, index, value, kind)) as number
  }

  #ahead(what: string, index: number, declare: (thread: number) => Operation): unknown {
    const fiber = this.#fiber
    return fiber.ask(what, index, () => declare(fiber.thread))
  }
}
