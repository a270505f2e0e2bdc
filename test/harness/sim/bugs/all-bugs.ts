import type { Bug } from './bug.ts'
import { doubleLoad } from './double-load.ts'
import { hastyTeardown } from './hasty-teardown.ts'
import { lostUpdate } from './lost-update.ts'
import { starvedAnswer } from './starved-answer.ts'
import { twoLocks } from './two-locks.ts'
import { undrainedOutput } from './undrained-output.ts'

/** The bugs on which strategies are compared. */
export const allBugs: readonly Bug[] = [doubleLoad, hastyTeardown, undrainedOutput, lostUpdate, starvedAnswer, twoLocks]
