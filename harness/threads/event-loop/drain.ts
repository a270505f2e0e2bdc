import { HarnessError } from '../../errors.ts'

const { setImmediate } = globalThis
const { _tickCallback } = process as unknown as { _tickCallback?: () => void }

/**
 * Runs ticks, microtasks and rejection handlers until none is left, in the middle of synchronous code. Throws
 * `ERR_WORLD_UNSUPPORTED` when that cannot be done: within a microtask, and in a Node without `process._tickCallback`.
 */
export function drain(): void {
  let drained = false
  Promise.resolve().then(() => {
    drained = true
  })
  _tickCallback?.()
  if (!drained) throw undrained()
}

/** Runs synchronous code as a task of the event loop, in which promises can be drained. Rejects with what it throws. */
export function inTask<T>(code: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(code())
      } catch (thrown) {
        reject(thrown)
      }
    })
  })
}

function undrained(): HarnessError {
  return new HarnessError(
    'ERR_WORLD_UNSUPPORTED',
    'a thread with an event loop was run where its promises cannot settle: expected a Node that has ' +
      'process._tickCallback, and a schedule that does not run within a promise; run it with exploreThreads()',
  )
}
