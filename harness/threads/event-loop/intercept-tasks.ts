import { AsyncResource } from 'node:async_hooks'
import { ownListeners } from '../../watch/own-listeners.ts'
import { replace } from '../replace.ts'
import type { Running } from '../running.ts'
import { loopOf } from './fiber-loop.ts'

/**
 * Follows what the event loop of a thread would do at once: ticks and microtasks still run where they always do, but what
 * they throw, and rejections that nobody handles, end the thread. Returns what puts everything back.
 */
export function interceptTasks(running: Running): () => void {
  const { queueMicrotask } = globalThis
  const { nextTick } = process
  const undo = [
    replace(globalThis, 'queueMicrotask', (call: () => void) => {
      queueMicrotask(guarded(running, call))
    }),
    replace(process, 'nextTick', (call: (...args: unknown[]) => void, ...args: unknown[]) => {
      nextTick(guarded(running, () => call(...args)))
    }),
    ownListeners('unhandledRejection', (reason) => running.loop?.fails(reason)),
    // Promises of a run that was suspended may be handled by a later one; nobody needs to know.
    ownListeners('rejectionHandled', () => {}),
  ]
  return () => {
    for (const restore of undo.reverse()) restore()
  }
}

function guarded(running: Running, call: () => void): () => void {
  const loop = loopOf(running)
  if (loop === null) return call
  const inContext = AsyncResource.bind(call)
  return () => loop.guard(inContext)
}
