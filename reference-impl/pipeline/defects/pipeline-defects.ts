import type { Defect } from 'raceproof'
import { abandonedStream } from './abandoned-stream.ts'
import { broadcastLiveList } from './broadcast-live-list.ts'
import { broadcastOvertakes } from './broadcast-overtakes.ts'
import { clientGivesUp } from './client-gives-up.ts'
import { competingConsumers } from './competing-consumers.ts'
import { crossPlanCleanup } from './cross-plan-cleanup.ts'
import { dbSessionLeak } from './db-session-leak.ts'
import { deadPeerUndetected } from './dead-peer-undetected.ts'
import { deleteDuringCreate } from './delete-during-create.ts'
import { endlessDrain } from './endless-drain.ts'
import { firstDisconnectTearsDown } from './first-disconnect-tears-down.ts'
import { firstSubscribersCollide } from './first-subscribers-collide.ts'
import { forcedStop } from './forced-stop.ts'
import { headOfLineSend } from './head-of-line-send.ts'
import { lateOutputLost } from './late-output-lost.ts'
import { lateSubscriberOrphaned } from './late-subscriber-orphaned.ts'
import { noAdmissionLimit } from './no-admission-limit.ts'
import { noFallback } from './no-fallback.ts'
import { pipeLeak } from './pipe-leak.ts'
import { pollingDelivery } from './polling-delivery.ts'
import { processDoubleCleanup } from './process-double-cleanup.ts'
import { readerAbandoned } from './reader-abandoned.ts'
import { readinessStampede } from './readiness-stampede.ts'
import { reconnectDuringCleanup } from './reconnect-during-cleanup.ts'
import { replayLiveGap } from './replay-live-gap.ts'
import { resumeDuplicate } from './resume-duplicate.ts'
import { resumeGap } from './resume-gap.ts'
import { retriesPermanent } from './retries-permanent.ts'
import { sendWhileLocked } from './send-while-locked.ts'
import { sharedDbSession } from './shared-db-session.ts'
import { slowReaderUnbounded } from './slow-reader-unbounded.ts'
import { statusRegresses } from './status-regresses.ts'
import { streamCleanupToctou } from './stream-cleanup-toctou.ts'
import { subscribeBeforeCreate } from './subscribe-before-create.ts'
import { swallowedErrors } from './swallowed-errors.ts'
import { twoEndings } from './two-endings.ts'
import { unboundedStream } from './unbounded-stream.ts'
import { unlockedRegistry } from './unlocked-registry.ts'
import { zombieSubscriber } from './zombie-subscriber.ts'

/** Every way in which the pipeline server or its client library is made wrong on purpose. */
export const pipelineDefects: readonly Defect[] = [
  abandonedStream,
  broadcastLiveList,
  broadcastOvertakes,
  clientGivesUp,
  competingConsumers,
  crossPlanCleanup,
  dbSessionLeak,
  deadPeerUndetected,
  deleteDuringCreate,
  endlessDrain,
  firstDisconnectTearsDown,
  firstSubscribersCollide,
  forcedStop,
  headOfLineSend,
  lateOutputLost,
  lateSubscriberOrphaned,
  noAdmissionLimit,
  noFallback,
  pipeLeak,
  pollingDelivery,
  processDoubleCleanup,
  readerAbandoned,
  readinessStampede,
  reconnectDuringCleanup,
  replayLiveGap,
  resumeDuplicate,
  resumeGap,
  retriesPermanent,
  sendWhileLocked,
  sharedDbSession,
  slowReaderUnbounded,
  statusRegresses,
  streamCleanupToctou,
  subscribeBeforeCreate,
  swallowedErrors,
  twoEndings,
  unboundedStream,
  unlockedRegistry,
  zombieSubscriber,
]
