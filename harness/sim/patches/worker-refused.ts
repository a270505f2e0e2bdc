import workerThreads from 'node:worker_threads'
import { refuseCalls } from '../refuse.ts'

/** `new Worker` cannot be simulated. */
export function refuseWorkers(): void {
  refuseCalls(workerThreads, 'worker_threads', ['Worker'], 'workerThreads')
}
