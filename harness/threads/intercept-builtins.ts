import { createRequire, syncBuiltinESMExports } from 'node:module'
import { interceptPorts } from './event-loop/intercept-ports.ts'
import { interceptTasks } from './event-loop/intercept-tasks.ts'
import { interceptTimers } from './event-loop/intercept-timers.ts'
import { interceptAtomics } from './intercept-atomics.ts'
import { interceptBuffers } from './intercept-buffers.ts'
import { interceptEntropy } from './intercept-entropy.ts'
import { interceptRefused } from './intercept-refused.ts'
import { replace } from './replace.ts'
import type { Running } from './running.ts'

/**
 * Replaces what lets a thread notice others or the outside world, as long as an exploration runs: `Atomics`, clocks, random
 * numbers, and the fact that this is the main thread; and refuses what cannot be explored. Returns what puts everything back.
 */
export function interceptBuiltins(running: Running): () => void {
  const undo = [
    interceptAtomics(running),
    interceptBuffers(running),
    interceptEntropy(running),
    interceptTimers(running),
    interceptTasks(running),
    interceptPorts(running),
    interceptRefused(running),
    actAsWorker(),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo.reverse()) restore()
    syncBuiltinESMExports()
  }
}

/** Threads may block, so they have to look like workers. */
function actAsWorker(): () => void {
  return replace(createRequire(import.meta.url)('node:worker_threads'), 'isMainThread', false)
}
