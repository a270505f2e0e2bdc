import { readFileSync } from 'node:fs'

/**
 * How long the main thread of a process has been ready to run so far, and had no processor, in milliseconds. 0 where the system
 * does not say, and for a process that is gone.
 */
export function processorWaitMs(pid: number): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
