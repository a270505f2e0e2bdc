import type { Program } from './program.ts'
import { programs as applications } from './programs/applications.ts'
import { programs as bluetooth } from './programs/bluetooth.ts'
import { programs as buffers } from './programs/buffers.ts'
import { programs as counters } from './programs/counters.ts'
import { programs as deadlocks } from './programs/deadlocks.ts'
import { programs as kernel } from './programs/kernel.ts'
import { programs as phases } from './programs/phases.ts'
import { programs as reorder } from './programs/reorder.ts'
import { programs as safeStack } from './programs/safe-stack.ts'
import { programs as twostage } from './programs/twostage.ts'
import { programs as workStealing } from './programs/work-stealing.ts'

/** All programs of the scoreboard, by name. */
export const programs: readonly Program[] = [
  ...applications,
  ...bluetooth,
  ...buffers,
  ...counters,
  ...deadlocks,
  ...kernel,
  ...phases,
  ...reorder,
  ...safeStack,
  ...twostage,
  ...workStealing,
].sort((a, b) => (a.name < b.name ? -1 : 1))
