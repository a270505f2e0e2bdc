import { syncBuiltinESMExports } from 'node:module'
import { active } from './active.ts'
import { noticeRealTimers } from './guard/real-timers.ts'
import { patchAbortSignalTimeout } from './patches/abort-signal-timeout.ts'
import { patchAtomics } from './patches/atomics.ts'
import { patchBlob } from './patches/blob.ts'
import { patchChildProcess } from './patches/child-process.ts'
import { refuseCluster } from './patches/cluster-refused.ts'
import { patchCryptoJobs } from './patches/crypto-jobs.ts'
import { patchCryptoKeys } from './patches/crypto-keys.ts'
import { patchCryptoRandom } from './patches/crypto-random.ts'
import { patchCryptoSubtle } from './patches/crypto-subtle.ts'
import { patchDate } from './patches/date.ts'
import { refuseDgram } from './patches/dgram-refused.ts'
import { patchDnsLookup } from './patches/dns-lookup.ts'
import { refuseDnsQueries } from './patches/dns-refused.ts'
import { patchFetchDispatcher } from './patches/fetch-dispatcher.ts'
import { patchFinalizationRegistry } from './patches/finalization-registry.ts'
import { patchFsBinding } from './patches/fs-binding.ts'
import { patchFsOpendir } from './patches/fs-opendir.ts'
import { patchFsReadFile } from './patches/fs-read-file.ts'
import { patchFsWatch } from './patches/fs-watch.ts'
import { patchFsWatchFile } from './patches/fs-watch-file.ts'
import { patchHrtime } from './patches/hrtime.ts'
import { patchHttpDate } from './patches/http-date.ts'
import { patchHttpGlobalAgent } from './patches/http-global-agent.ts'
import { patchHttpTimeOuts } from './patches/http-time-outs.ts'
import { refuseHttp2 } from './patches/http2-refused.ts'
import { refuseInspector } from './patches/inspector-refused.ts'
import { patchMathRandom } from './patches/math-random.ts'
import { patchMessageChannel } from './patches/message-channel.ts'
import { patchNetServer } from './patches/net-server.ts'
import { patchNetSocket } from './patches/net-socket.ts'
import { patchPerformance } from './patches/performance.ts'
import { patchProcessExit } from './patches/process-exit.ts'
import { patchProcessIds } from './patches/process-ids.ts'
import { patchProcessKill } from './patches/process-kill.ts'
import { patchProcessListeners } from './patches/process-listeners.ts'
import { patchProcessStdio } from './patches/process-stdio.ts'
import { refuseProcessWide } from './patches/process-wide-refused.ts'
import { patchSocketTimeout } from './patches/socket-timeout.ts'
import { patchTimers } from './patches/timers.ts'
import { patchTimersPromises } from './patches/timers-promises.ts'
import { refuseTls } from './patches/tls-refused.ts'
import { patchWeakRef } from './patches/weak-ref.ts'
import { patchWebAssembly } from './patches/web-assembly.ts'
import { refuseWorkers } from './patches/worker-refused.ts'
import { patchZlib } from './patches/zlib.ts'

/**
 * Replaces the builtins of this thread by ones that ask, at each call, whether a schedule runs. It must come before any
 * third-party import: a library that took a builtin before keeps the real one. Doing it twice does nothing.
 */
export function installPatches(): void {
  if (active.installed) return
  active.installed = true
  // First of all, for a glance at some globals (MessageEvent) makes Node load its undici, which begins to compile.
  patchWebAssembly()
  noticeRealTimers()
  patchTimers()
  patchTimersPromises()
  patchDate()
  patchPerformance()
  patchHrtime()
  patchMathRandom()
  patchCryptoRandom()
  patchCryptoJobs()
  patchCryptoKeys()
  patchCryptoSubtle()
  patchAbortSignalTimeout()
  patchAtomics()
  patchMessageChannel()
  patchNetSocket()
  patchNetServer()
  patchSocketTimeout()
  patchDnsLookup()
  patchHttpGlobalAgent()
  patchFetchDispatcher()
  patchHttpDate()
  patchHttpTimeOuts()
  patchProcessExit()
  patchProcessStdio()
  patchProcessIds()
  patchProcessListeners()
  patchProcessKill()
  patchChildProcess()
  patchZlib()
  patchFsReadFile()
  patchFsBinding()
  patchFsOpendir()
  patchFsWatch()
  patchFsWatchFile()
  patchBlob()
  patchWeakRef()
  patchFinalizationRegistry()
  refuseTls()
  refuseHttp2()
  refuseDgram()
  refuseDnsQueries()
  refuseCluster()
  refuseWorkers()
  refuseInspector()
  refuseProcessWide()
  // Named imports of builtins see the replacements only from here on.
  syncBuiltinESMExports()
}
