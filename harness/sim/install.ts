import { syncBuiltinESMExports } from 'node:module'
import { active } from './active.ts'
import { patchAbortSignalTimeout } from './patches/abort-signal-timeout.ts'
import { patchCryptoRandom } from './patches/crypto-random.ts'
import { patchDate } from './patches/date.ts'
import { patchDnsLookup } from './patches/dns-lookup.ts'
import { patchHrtime } from './patches/hrtime.ts'
import { patchHttpDate } from './patches/http-date.ts'
import { patchHttpTimeOuts } from './patches/http-time-outs.ts'
import { patchMathRandom } from './patches/math-random.ts'
import { patchNetServer } from './patches/net-server.ts'
import { patchNetSocket } from './patches/net-socket.ts'
import { patchPerformance } from './patches/performance.ts'
import { patchProcessExit } from './patches/process-exit.ts'
import { patchSocketTimeout } from './patches/socket-timeout.ts'
import { patchTimers } from './patches/timers.ts'
import { patchTimersPromises } from './patches/timers-promises.ts'

/**
 * Replaces the builtins of this thread by ones that ask, at each call, whether a schedule runs. It must come before any
 * third-party import: a library that took a builtin before keeps the real one. Doing it twice does nothing.
 */
export function installPatches(): void {
  if (active.installed) return
  active.installed = true
  patchTimers()
  patchTimersPromises()
  patchDate()
  patchPerformance()
  patchHrtime()
  patchMathRandom()
  patchCryptoRandom()
  patchAbortSignalTimeout()
  patchNetSocket()
  patchNetServer()
  patchSocketTimeout()
  patchDnsLookup()
  patchHttpDate()
  patchHttpTimeOuts()
  patchProcessExit()
  // Named imports of builtins see the replacements only from here on.
  syncBuiltinESMExports()
}
