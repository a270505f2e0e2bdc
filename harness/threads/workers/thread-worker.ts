import { parentPort, workerData } from 'node:worker_threads'
import { Random } from '../../random.ts'
import { FiberActions } from '../actions.ts'
import { runWithLoop } from '../event-loop/fiber-loop.ts'
import { interceptPorts } from '../event-loop/intercept-ports.ts'
import { interceptTasks } from '../event-loop/intercept-tasks.ts'
import { interceptTimers } from '../event-loop/intercept-timers.ts'
import { interceptAtomics } from '../intercept-atomics.ts'
import { interceptEntropy } from '../intercept-entropy.ts'
import { ModuleInstances } from '../modules/module-instances.ts'
import { Running } from '../running.ts'
import type { CompiledThread, ThreadFunction } from '../thread-program.ts'
import { DescribingEngine, DescribingLoops } from './describing.ts'
import { Mailbox } from './mailbox.ts'
import { receivedState } from './sent-state.ts'
import { WorkerFiber } from './worker-fiber.ts'
import type { FromWorker } from './worker-thread.ts'

/** What a worker gets when it is started. */
export interface WorkerStart {
  readonly mailbox: SharedArrayBuffer
  readonly thread: number
  readonly code: CompiledThread
  readonly seed: number
}

/** What a worker gets for each schedule. */
export interface ScheduleStart {
  readonly state: unknown
  readonly buffers: readonly SharedArrayBuffer[]
}

const { mailbox: buffer, thread, code, seed } = workerData as WorkerStart
const mailbox = new Mailbox(buffer)
const instances = await ModuleInstances.load(code.module)
const running = new Running()
// Entropy comes first: it makes all that was replaced known to ES modules.
for (const intercept of [interceptPorts, interceptTimers, interceptTasks, interceptAtomics, interceptEntropy])
  intercept(running)

/** Runs the thread's code in one schedule, and says how it ended. */
function run({ state, buffers }: ScheduleStart): FromWorker {
  const random = new Random(`${seed}/threads/values/${thread}`)
  const fiber = new WorkerFiber(thread, { mailbox, buffers, random: () => random.real() })
  const engine = new DescribingEngine(buffers)
  Object.assign(running, { engine, loops: new DescribingLoops(buffers), fiber, hasLoops: false })
  const body = instances.exportsFor(thread)[code.run] as ThreadFunction<unknown>
  try {
    const returned = runWithLoop(running, () => body(receivedState(state, running), new FiberActions(engine, fiber)))
    return fiber.isGivenUp ? { says: 'given-up' } : { says: 'ended', returned }
  } catch (thrown) {
    return fiber.isGivenUp ? { says: 'given-up' } : threw(thrown)
  } finally {
    running.fiber = null
  }
}

function threw(thrown: unknown): FromWorker {
  const { name, message } = thrown instanceof Error ? thrown : { name: 'ThreadAssertion', message: String(thrown) }
  return { says: 'threw', name, message }
}

parentPort!.on('message', (start: ScheduleStart) => mailbox.toController(run(start)))
parentPort!.postMessage('ready')
