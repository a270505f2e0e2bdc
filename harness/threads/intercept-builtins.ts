import { createRequire, syncBuiltinESMExports } from 'node:module'
import { interceptPorts } from './event-loop/intercept-ports.ts'
import { interceptTasks } from './event-loop/intercept-tasks.ts'
import { interceptTimers } from './event-loop/intercept-timers.ts'
import { interceptAtomics } from './intercept-atomics.ts'
import { interceptEntropy } from './intercept-entropy.ts'
import { interceptRefused } from './intercept-refused.ts'
import { refuse } from './refuse.ts'
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

/** Shared buffers are entered where they are made; a thread that makes one finds the same in each of its runs. */
function interceptBuffers(running: Running): () => void {
  const Real = globalThis.SharedArrayBuffer
  const make = (size: number): SharedArrayBuffer => {
    const buffer = new Real(size)
    running.memory?.add(buffer)
    return buffer
  }
  return replace(
    globalThis,
    'SharedArrayBuffer',
    new Proxy(Real, {
      construct(_, [size, options]: [number, { maxByteLength?: number }?]) {
        if (options?.maxByteLength !== undefined) {
          refuse(
            running,
            'a SharedArrayBuffer that grows',
            'only memory of one size is modelled; leave maxByteLength out',
          )
        }
        const { fiber } = running
        if (fiber === null) return make(size)
        const buffer = fiber.draw(() => make(size))
        // A run that repeats itself finds it empty, as the first did; what came later is put back with the later steps.
        if (!fiber.isNew) new Uint8Array(buffer).fill(0)
        return buffer
      },
    }),
  )
}

/** Threads may block, so they have to look like workers. */
function actAsWorker(): () => void {
  return replace(createRequire(import.meta.url)('node:worker_threads'), 'isMainThread', false)
}
