import { type LockProbe, locks } from '../probe.ts'
import type { Running } from './running.ts'

/**
 * Follows what the locks of the code under test say of themselves, each event in the run in which it happens first.
 * Returns what stops that.
 */
export function followLocks(running: Running): () => void {
  const follow = (message: unknown): void => {
    const { fiber, locks: watch } = running
    if (fiber === null || watch === null || !fiber.isNew) return
    const { event, id } = message as LockProbe
    if (event === 'waiting') watch.wants(fiber.thread, id)
    else if (event === 'acquired') watch.taken(fiber.thread, id)
    else if (event === 'released') watch.released(fiber.thread, id)
  }
  locks.subscribe(follow)
  return () => void locks.unsubscribe(follow)
}
