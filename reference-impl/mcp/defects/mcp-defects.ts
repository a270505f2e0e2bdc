import type { Defect } from 'raceproof'
import { callbackUnderSessionLock } from './callback-under-session-lock.ts'
import { checkpointDoubleLoad } from './checkpoint-double-load.ts'
import { clearResurrects } from './clear-resurrects.ts'
import { dualTransportSplit } from './dual-transport-split.ts'
import { failedLoadCached } from './failed-load-cached.ts'
import { hitTakesLock } from './hit-takes-lock.ts'
import { lockOrderInversion } from './lock-order-inversion.ts'
import { metadataCached } from './metadata-cached.ts'
import { metadataTornRead } from './metadata-torn-read.ts'
import { metricsLostCount } from './metrics-lost-count.ts'
import { noRecheck } from './no-recheck.ts'
import { oneBigLock } from './one-big-lock.ts'
import { ragIterateWhileCleaning } from './rag-iterate-while-cleaning.ts'
import { ragUnlockedRead } from './rag-unlocked-read.ts'
import { responseCrosstalk } from './response-crosstalk.ts'
import { sessionDoubleInit } from './session-double-init.ts'
import { sessionLeak } from './session-leak.ts'
import { staleFileLock } from './stale-file-lock.ts'
import { staleLockDoubleTakeover } from './stale-lock-double-takeover.ts'
import { stateNoFileLock } from './state-no-file-lock.ts'
import { unboundedSessions } from './unbounded-sessions.ts'

/** Every way in which the MCP server is made wrong on purpose. */
export const mcpDefects: readonly Defect[] = [
  callbackUnderSessionLock,
  checkpointDoubleLoad,
  clearResurrects,
  dualTransportSplit,
  failedLoadCached,
  hitTakesLock,
  lockOrderInversion,
  metadataCached,
  metadataTornRead,
  metricsLostCount,
  noRecheck,
  oneBigLock,
  ragIterateWhileCleaning,
  ragUnlockedRead,
  responseCrosstalk,
  sessionDoubleInit,
  sessionLeak,
  staleFileLock,
  staleLockDoubleTakeover,
  stateNoFileLock,
  unboundedSessions,
]
