import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { relayProbes } from 'raceproof/probe'
import { type Assignment, JobRunner } from './job-runner.ts'
import { ProbeBatch } from './probe-batch.ts'
import { attach, type SharedStateParts } from './shared-state.ts'
import type { FromWorker, ThreadPartsSource, ToWorker, WorkerStart } from './worker-message.ts'

/** The entry of a worker thread: takes one job after the other, until it is asked to end. Everything else is elsewhere. */
const { name, memory, relay, parts } = workerData as WorkerStart
const post = (message: FromWorker): void => parentPort?.postMessage(message)
const probes = new ProbeBatch((published) => post({ type: 'probes', published }))
if (relay) relayProbes(name, (topic, message) => probes.add(topic, message))
const runner = new JobRunner(name, attach(memory, parts === null ? undefined : await partsOf(parts)))

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'end') parentPort?.close()
  else run(message.assignment)
})

async function partsOf({ module, name }: ThreadPartsSource): Promise<SharedStateParts> {
  const loaded = (await import(pathToFileURL(module).href)) as { threadParts: (name: string) => SharedStateParts }
  return loaded.threadParts(name)
}

function run(assignment: Assignment): void {
  const answer = outcomeOf(assignment)
  probes.flush()
  post(answer)
}

function outcomeOf(assignment: Assignment): FromWorker {
  try {
    return { type: 'done', result: runner.run(assignment) }
  } catch (thrown) {
    return { type: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) }
  }
}
post({ type: 'ready' })
