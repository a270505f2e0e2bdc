import type { Defect } from 'raceproof'
import { abandonedAcquire } from './abandoned-acquire.ts'
import { aliasedRead } from './aliased-read.ts'
import { bargingLock } from './barging-lock.ts'
import { blockingAcquire } from './blocking-acquire.ts'
import { checkThenKill } from './check-then-kill.ts'
import { cleanupRemovesLive } from './cleanup-removes-live.ts'
import { dualLocks } from './dual-locks.ts'
import { liveIteration } from './live-iteration.ts'
import { lockAcrossIo } from './lock-across-io.ts'
import { lockKeptOnError } from './lock-kept-on-error.ts'
import { lockOrderInversion } from './lock-order-inversion.ts'
import { lostUpdate } from './lost-update.ts'
import { managerPerThread } from './manager-per-thread.ts'
import { missedWakeup } from './missed-wakeup.ts'
import { nonReentrantLock } from './non-reentrant-lock.ts'
import { notifyUnderLock } from './notify-under-lock.ts'
import { ownerIsThread } from './owner-is-thread.ts'
import { perLoopLock } from './per-loop-lock.ts'
import { permitLeak } from './permit-leak.ts'
import { permitOverrun } from './permit-overrun.ts'
import { splitCriticalSection } from './split-critical-section.ts'
import { stopStartMix } from './stop-start-mix.ts'
import { testDoubleStart } from './test-double-start.ts'
import { tornMultiFieldUpdate } from './torn-multi-field-update.ts'
import { unsynchronisedFlag } from './unsynchronised-flag.ts'
import { wrongRelease } from './wrong-release.ts'
import { zombieWorker } from './zombie-worker.ts'

/** Every way in which the state managers are made wrong on purpose. */
export const stateDefects: readonly Defect[] = [
  abandonedAcquire,
  aliasedRead,
  bargingLock,
  blockingAcquire,
  checkThenKill,
  cleanupRemovesLive,
  dualLocks,
  liveIteration,
  lockAcrossIo,
  lockKeptOnError,
  lockOrderInversion,
  lostUpdate,
  managerPerThread,
  missedWakeup,
  nonReentrantLock,
  notifyUnderLock,
  ownerIsThread,
  perLoopLock,
  permitLeak,
  permitOverrun,
  splitCriticalSection,
  stopStartMix,
  testDoubleStart,
  tornMultiFieldUpdate,
  unsynchronisedFlag,
  wrongRelease,
  zombieWorker,
].map(traceable)

/** The wrong class bears the name of its defect, so that worker threads, to which no class can be sent, can make it anew. */
function traceable(defect: Defect): Defect {
  return { ...defect, override: (correct) => Object.assign(defect.override(correct), { madeBy: defect.name }) }
}
