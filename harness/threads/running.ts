import type { Locks } from './detect/locks.ts'
import type { Engine } from './engine.ts'
import type { Fiber } from './fiber.ts'
import type { SharedMemory } from './shared-memory.ts'

/** The schedule that runs, and the thread of it whose code runs now. What replaces the builtins asks here. */
export class Running {
  engine: Engine | null = null
  fiber: Fiber | null = null
  /** What is known of the locks of the schedule. */
  locks: Locks | null = null
  /** Where the shared buffers of the schedule are entered. */
  memory: SharedMemory | null = null
}
