import { type LockProbe, locks } from '../probe.ts'
import type { Locks } from './detect/locks.ts'
import type { Running } from './running.ts'

/**
 * Follows what the locks of the code under test say of themselves, each event in the run in which it happens first.
 * Returns what stops that.
 */
export function followLocks(running: Running): () => void {
  const follow = (message: unknown): void => {
    const { fiber, locks: watch } = running
    if (fiber === null || watch === null || !fiber.isNew) return
    fiber.inTurn(() => noteLock(watch, fiber.thread, message as LockProbe))
  }
  locks.subscribe(follow)
  return () => void locks.unsubscribe(follow)
}

/** Notes what a lock has said in the code of a thread. Its owner is a task of that thread: others may hold it meanwhile. */
export function noteLock(watch: Locks, thread: number, { event, id, owner: task }: LockProbe): void {
  const holder = { thread, task }
  if (event === 'waiting') watch.wants(holder, id)
  else if (event === 'acquired') watch.taken(holder, id)
  else if (event === 'released') watch.released(holder, id)
  else if (event === 'abandoned') watch.gaveUp(holder)
}
