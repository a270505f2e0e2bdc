import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'

/** What a thread is told to end it. */
export const stop = 'stop'

/** Longer than any schedule takes that is not stuck. */
const graceMsMax = 10_000

/**
 * Ends a thread that runs schedules when the one that it runs is over. A thread that is terminated in the middle of native
 * code, as a database's, may take the whole process with it, so that is done only to one which does not answer in time.
 */
export async function endThread(worker: Worker, graceMs = graceMsMax): Promise<void> {
  // A thread that is gone has no number any more, and answers nobody.
  if (worker.threadId === -1) return
  const ended = once(worker, 'exit')
  worker.postMessage(stop)
  let timer: NodeJS.Timeout | undefined
  const outOfPatience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(graceMs, graceMsMax))
  })
  await Promise.race([ended, outOfPatience])
  clearTimeout(timer)
  await worker.terminate()
}
