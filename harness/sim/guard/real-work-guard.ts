import type { Simulation } from '../core/simulation.ts'
import { describeWork, RealWorkWatch } from './real-work.ts'

/**
 * Finds out whether a schedule began real asynchronous operations. While it runs the real loop does not turn, so whatever
 * keeps that busy at the end and did not at the beginning was really started; counting it is cheap. Not everything can
 * be counted, and a count says not where; for that there is the watch.
 */
export class RealWorkGuard {
  readonly #before = countsByName()
  readonly #watch: RealWorkWatch | undefined

  constructor(watch: boolean) {
    this.#watch = watch ? new RealWorkWatch() : undefined
    this.#watch?.start()
  }

  /** Ends the guard, adds what was started to the findings, and returns it in words. */
  judge(simulation: Simulation): string[] {
    const messages = this.#watch?.stop().map(describeWork) ?? this.#counted()
    for (const message of messages) simulation.find('real-work', message)
    return messages
  }

  #counted(): string[] {
    const grown = [...countsByName()].filter(([name, count]) => count > (this.#before.get(name) ?? 0))
    if (grown.length === 0) return []
    const names = grown.map(([name]) => name).join(', ')
    return [`the code under test started real asynchronous operations (${names}), which no schedule can order or await`]
  }
}

/**
 * What can only have been started by code that keeps builtins from before the patches. Handles and requests of other kinds
 * are also made where they are simulated, and Node makes some for itself when it is first asked for something.
 */
const unmistakable =
  /^(Timeout|TCPSocketWrap|TCPServerWrap|UDPWrap|TLSWrap|Worker|(GetAddrInfo|GetNameInfo|Query)ReqWrap)$/

/** How much of what keeps the real event loop busy there is, by Node's names: `Timeout`, `TCPSocketWrap`, … */
function countsByName(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) {
    if (unmistakable.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
