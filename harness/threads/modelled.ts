import type { Condition, Mutex, Semaphore } from './engine.ts'
import { type Access, type Operation, Parked } from './operation.ts'

/** A thread lets go of what it does not hold. */
export class WrongRelease extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WrongRelease'
  }
}

/** Takes a mutex, as soon as nobody holds it. It is not re-entrant: who takes it twice waits for ever. */
export function lock(thread: number, mutex: Mutex): Operation {
  const perform = () => {
    mutex.owner = thread
  }
  return { kind: 'lock', thread, accesses: [placeOf(mutex)], mutex, enabled: () => mutex.owner === null, perform }
}

/** Takes a mutex if nobody holds it; answers whether it did. */
export function tryLock(thread: number, mutex: Mutex): Operation {
  let taken = false
  const perform = () => {
    taken = mutex.owner === null
    if (taken) mutex.owner = thread
    return taken
  }
  const missed = () => !taken
  const accesses = [placeOf(mutex)]
  const reached = () => (taken ? accesses : [looked(accesses[0]!)])
  return { kind: 'try-lock', thread, accesses, mutex, enabled: always, perform, missed, reached }
}

/** Lets a mutex go. Throws a {@link WrongRelease} when the thread does not hold it. */
export function unlock(thread: number, mutex: Mutex): Operation {
  const perform = () => letGo(thread, mutex, 'releases')
  return { kind: 'unlock', thread, accesses: [placeOf(mutex)], mutex, enabled: always, perform }
}

/** Lets the mutex go and sleeps until a signal, then takes the mutex again. Throws when the thread does not hold it. */
export function waitFor(thread: number, condition: Condition, mutex: Mutex): Operation {
  const accesses = [placeOf(condition), placeOf(mutex)]
  const perform = () => {
    letGo(thread, mutex, 'waits with')
    const waiter = { signalled: false }
    condition.waiters.push(waiter)
    const enabled = () => waiter.signalled && mutex.owner === null
    const retake = () => {
      mutex.owner = thread
    }
    return new Parked({ kind: 'wake', thread, accesses, mutex, enabled, perform: retake })
  }
  return { kind: 'wait', thread, accesses, mutex, enabled: always, perform }
}

/** Wakes so many of those who wait for a condition, in the order in which they came; answers how many. */
export function signal(thread: number, condition: Condition, count: number): Operation {
  let woke = 0
  const perform = () => {
    const called = condition.waiters.splice(0, count)
    for (const waiter of called) waiter.signalled = true
    woke = called.length
    return woke
  }
  const accesses = [placeOf(condition)]
  const reached = () => (woke > 0 ? accesses : [looked(accesses[0]!)])
  return { kind: 'signal', thread, accesses, enabled: always, perform, reached }
}

/** Takes a permit, as soon as there is one. */
export function acquire(thread: number, semaphore: Semaphore): Operation {
  const perform = () => {
    semaphore.permits--
  }
  const enabled = () => semaphore.permits > 0
  return { kind: 'acquire', thread, accesses: [placeOf(semaphore)], enabled, perform }
}

/** Gives a permit back, or a new one: a semaphore has no owner. */
export function release(thread: number, semaphore: Semaphore): Operation {
  const perform = () => {
    semaphore.permits++
  }
  return { kind: 'release', thread, accesses: [placeOf(semaphore)], enabled: always, perform }
}

function letGo(thread: number, mutex: Mutex, does: string): void {
  if (mutex.owner !== thread) {
    throw new WrongRelease(`thread ${thread} ${does} a mutex held by ${mutex.owner ?? 'nobody'}`)
  }
  mutex.owner = null
}

function placeOf({ place }: { place: number }): Access {
  return { from: place, to: place + 1, writes: true }
}

/** The same, where nothing was changed. */
function looked({ from, to }: Access): Access {
  return { from, to, writes: false }
}

function always(): boolean {
  return true
}
