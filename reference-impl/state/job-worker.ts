import { parentPort, workerData } from 'node:worker_threads'
import { relayProbes } from 'raceproof/probe'
import { type Assignment, JobRunner } from './job-runner.ts'
import { attach } from './shared-state.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.ts'

/** The entry of a worker thread: takes one job after the other, until it is asked to end. Everything else is elsewhere. */
const { name, memory, relay } = workerData as WorkerStart
const post = (message: FromWorker): void => parentPort?.postMessage(message)
if (relay) relayProbes(name, (topic, message) => post({ type: 'probe', topic, message }))
const runner = new JobRunner(name, attach(memory))

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'end') parentPort?.close()
  else run(message.assignment)
})

function run(assignment: Assignment): void {
  try {
    post({ type: 'done', result: runner.run(assignment) })
  } catch (thrown) {
    post({ type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) })
  }
}
post({ type: 'ready' })
