import { createRequire } from 'node:module'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type LockProbe, locks } from '../../probe.ts'
import { Random } from '../../random.ts'
import { FiberActions } from '../actions.ts'
import { runWithLoop } from '../event-loop/fiber-loop.ts'
import { interceptPorts } from '../event-loop/intercept-ports.ts'
import { interceptTasks } from '../event-loop/intercept-tasks.ts'
import { interceptTimers } from '../event-loop/intercept-timers.ts'
import { interceptAtomics } from '../intercept-atomics.ts'
import { interceptBuffers } from '../intercept-buffers.ts'
import { interceptEntropy } from '../intercept-entropy.ts'
import { interceptPlainAccesses } from '../intercept-plain-accesses.ts'
import { replace } from '../replace.ts'
import { Running } from '../running.ts'
import { SharedMemory } from '../shared-memory.ts'
import type { ThreadFunction } from '../thread-program.ts'
import { DescribingEngine, DescribingLoops, describedPlainly } from './describing.ts'
import { KnownBuffers } from './known-buffers.ts'
import { Mailbox } from './mailbox.ts'
import type { Note } from './note.ts'
import { receivedState } from './sent-state.ts'
import { WorkerFiber } from './worker-fiber.ts'

/** What a worker gets when it is started. */
export interface WorkerStart {
  readonly mailbox: SharedArrayBuffer
  /** Where it sends shared memory that its code makes. */
  readonly port: MessagePort
  readonly thread: number
  readonly seed: number
  /** Whether its code may block. */
  readonly canBlock: boolean
  /** Whether plain accesses of rewritten code are steps. */
  readonly plainAccesses: boolean
  /** The number that `worker_threads` gives to the thread of the controller, which is what the code saw there. */
  readonly threadId: number
  /** What the worker's main file makes the code of. */
  readonly code: unknown
}

/** What a worker gets for each schedule. */
export interface ScheduleStart {
  readonly state: unknown
  readonly buffers: readonly SharedArrayBuffer[]
}

/** The worker as its main file sees it. */
export interface ServingWorker {
  readonly thread: number
  /** Whether the code still belongs to the schedule, and is not only ended with it. */
  readonly isInSchedule: boolean
  /** Tells the controller something, together with the next operation of the code. */
  note(own: unknown): void
}

/**
 * Runs the code of a thread, in a worker, whenever the controller begins a schedule. `load` makes the code of what the worker
 * was started with, before builtins are replaced.
 */
export async function serveSchedules<Code>(
  load: (code: Code, worker: ServingWorker) => Promise<ThreadFunction<unknown>>,
): Promise<void> {
  const start = workerData as WorkerStart
  const server = new Server(start)
  const run = await load(start.code as Code, server)
  server.intercept()
  parentPort!.on('message', (schedule: ScheduleStart) => server.serve(run, schedule))
  parentPort!.postMessage('ready')
}

class Server implements ServingWorker {
  readonly #start: WorkerStart
  readonly #mailbox: Mailbox
  readonly #running = new Running()
  #buffers = new KnownBuffers([])

  constructor(start: WorkerStart) {
    this.#start = start
    this.#mailbox = new Mailbox(start.mailbox)
  }

  get thread(): number {
    return this.#start.thread
  }

  get isInSchedule(): boolean {
    return this.#running.fiber?.isNew === true
  }

  note(own: unknown): void {
    this.#note({ own })
  }

  /** For good, since nothing else runs in the worker. */
  intercept(): void {
    const running = this.#running
    replace(createRequire(import.meta.url)('node:worker_threads'), 'threadId', this.#start.threadId)
    // Entropy comes last: it makes all that was replaced known to ES modules.
    for (const intercept of [interceptBuffers, interceptPorts, interceptTimers, interceptTasks, interceptAtomics])
      intercept(running)
    running.plain = describedPlainly(() => this.#buffers)
    if (this.#start.plainAccesses) interceptPlainAccesses(running)
    interceptEntropy(running)
    locks.subscribe((lock) => this.#note({ lock: lock as LockProbe }))
  }

  /** Runs the code in one schedule, and says how it ended. */
  serve(run: ThreadFunction<unknown>, { state, buffers }: ScheduleStart): void {
    this.#buffers = new KnownBuffers(buffers)
    const fiber = this.#fiber()
    const running = this.#begin(fiber, buffers)
    try {
      const actions = new FiberActions(running.engine!, fiber)
      const returned = runWithLoop(running, () => run(receivedState(state, running), actions))
      fiber.say(fiber.isGivenUp ? { says: 'given-up' } : { says: 'ended', returned })
    } catch (thrown) {
      fiber.say(fiber.isGivenUp ? { says: 'given-up' } : fiber.threw(thrown))
    } finally {
      running.fiber = null
    }
  }

  #fiber(): WorkerFiber {
    const { seed, thread, canBlock } = this.#start
    const random = new Random(`${seed}/threads/values/${thread}`)
    const own = { canBlock, random: () => random.real() }
    return new WorkerFiber(thread, { ...own, mailbox: this.#mailbox, buffers: this.#buffers })
  }

  #begin(fiber: WorkerFiber, buffers: readonly SharedArrayBuffer[]): Running {
    const memory = new MadeMemory((buffer) => this.#made(buffer))
    memory.enter(buffers)
    const [engine, loops] = [new DescribingEngine(this.#buffers), new DescribingLoops(this.#buffers)]
    return Object.assign(this.#running, { engine, loops, memory, fiber, hasLoops: false })
  }

  #made(buffer: SharedArrayBuffer): void {
    this.#buffers.made(buffer)
    this.#start.port.postMessage(buffer)
    this.#note({ made: 'shared memory' })
  }

  #note(note: Note): void {
    const { fiber } = this.#running
    if (fiber instanceof WorkerFiber && fiber.isNew) fiber.note(note)
  }
}

/** Shared memory, which says when the code makes some. */
class MadeMemory extends SharedMemory {
  readonly #made: (buffer: SharedArrayBuffer) => void

  constructor(made: (buffer: SharedArrayBuffer) => void) {
    super()
    this.#made = made
  }

  /** What was made before the threads. */
  enter(buffers: readonly SharedArrayBuffer[]): void {
    for (const buffer of buffers) super.add(buffer)
  }

  override add(buffer: SharedArrayBuffer): void {
    super.add(buffer)
    this.#made(buffer)
  }
}
