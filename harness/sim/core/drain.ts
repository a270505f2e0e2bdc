import { fatalException, runTicks } from '../node-internals.ts'

/**
 * Runs ticks and microtasks until none is left, as Node does after each callback. A tick that throws goes to the
 * `uncaughtException` listeners, and the rest still runs.
 */
export function drain(): void {
  for (;;) {
    try {
      runTicks()
      return
    } catch (thrown) {
      fatalException.call(process, thrown, false)
    }
  }
}
