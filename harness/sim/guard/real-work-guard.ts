import type { Simulation } from '../core/simulation.ts'
import { activeHandles } from '../node-internals.ts'
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
    const messages = this.#watch?.stop().map(describeWork) ?? this.#counted(simulation)
    for (const message of messages) simulation.find('real-work', message)
    return messages
  }

  #counted({ realTimers }: Simulation): string[] {
    const grown = [...countsByName()].filter(([name, count]) => count > (this.#before.get(name) ?? 0))
    const names = [...(realTimers.armed > 0 ? ['Timeout'] : []), ...grown.map(([name]) => name)]
    if (names.length === 0) return []
    return [
      `the code under test started real asynchronous operations (${names.join(', ')}), which no schedule can order or await`,
    ]
  }
}

/**
 * Handles that can only have been opened by code that keeps builtins from before the patches. Others are also made where
 * they are simulated, and Node makes some for itself when it is first asked for something.
 */
const unmistakable = /^(TCP|UDP|TLSWrap|Worker)$/

/** How many of the handles that keep the real event loop busy there are, by the names of their native classes. */
function countsByName(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const owner of activeHandles()) {
    const name = (owner as { _handle?: object })._handle?.constructor.name ?? owner.constructor.name
    if (unmistakable.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
