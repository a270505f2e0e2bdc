import type { AsyncResource } from 'node:async_hooks'
import type { Locks } from './detect/locks.ts'
import type { Engine } from './engine.ts'
import type { EventLoop } from './event-loop/event-loop.ts'
import type { LoopModel } from './event-loop/loop-model.ts'
import type { Fiber } from './fiber.ts'
import { type PlainOperations, plainOperations } from './plain-operations.ts'
import type { SharedMemory } from './shared-memory.ts'
import type { ToldStep } from './told.ts'
import type { Trail } from './trail.ts'

/** What belongs to one schedule. */
interface RunningSchedule {
  readonly engine: Engine
  readonly loops: LoopModel
  readonly memory: SharedMemory
  readonly locks: Locks
  readonly told: ToldStep[]
}

/** The schedule that runs, and the thread of it whose code runs now. What replaces the builtins asks here. */
export class Running {
  engine: Engine | null = null
  fiber: Fiber | null = null
  /** What is known of the locks of the schedule. */
  locks: Locks | null = null
  /** The event loop of the thread whose code runs, when that has used one. */
  loop: EventLoop | null = null
  /** What the event loops of all threads of the schedule share. */
  loops: LoopModel | null = null
  /** Some thread has used an event loop. */
  hasLoops = false
  /** Some thread may use one: none has been seen to the end that does not. */
  mayHaveLoops = true
  /** What plain accesses of rewritten code are as operations. */
  plain: PlainOperations = plainOperations
  /** Plain accesses of rewritten code have been seen. */
  hasPlainAccesses = false
  /** The steps of the schedule, when it is to be told. */
  told: ToldStep[] = []
  /** An async context for each thread, by its number, in which it runs while another waits below it on the stack. */
  readonly contexts: AsyncResource[] = []
  /** Where the shared buffers of the schedule are entered. */
  memory: SharedMemory | null = null
  /** Some thread has made shared memory of its own. */
  hasOwnBuffers = false
  /** How often what is not the code of a thread has asked for the time or for random numbers. */
  outsideDraws = 0
  /** It cannot be foretold how a schedule begins: `setup` has done so, or makes something else each time for other reasons. */
  isUnforeseeable = false
  /** What the schedule before has left for this one; null where that is not known, or of no use. */
  trail: Trail | null = null

  /** A schedule begins, and no thread's code runs yet. */
  begin({ engine, loops, memory, locks, told }: RunningSchedule): void {
    this.engine = engine
    this.loops = loops
    this.memory = memory
    this.locks = locks
    this.told = told
    this.fiber = null
  }
}
