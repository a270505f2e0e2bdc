import { Script } from 'node:vm'
import { ownListeners } from './own-listeners.ts'

/** Synchronous code has run for longer than it may. It was ended where it was; no `finally` clause of it has run. */
export class TimeLimitReached extends Error {
  readonly limitMs: number

  constructor(limitMs: number) {
    super(`the code has not come to an end within ${limitMs / 1_000} s`)
    this.name = 'TimeLimitReached'
    this.limitMs = limitMs
  }
}

// The script calls a function that it finds in the global object, since only code that a script begins can be ended.
const limited = new Script('globalThis[Symbol.for("raceproof.limited")]()')
/** How much too early a timer of Node's event loop can be. */
const earlyMs = 2

const nowMs = performance.now.bind(performance)
const slot = Symbol.for('raceproof.limited')

/**
 * Runs synchronous code for at most so long, whatever it does: an endless loop is ended, and so is `Atomics.wait`. Calls
 * `ended` then, before anything else runs, and throws a {@link TimeLimitReached}; throws what the code throws otherwise. Code that blocks elsewhere is ended when it comes back.
 */
export function withTimeLimit<T>(limitMs: number, code: () => T, ended: () => void): T {
  Object.defineProperty(globalThis, slot, { value: code, configurable: true })
  const untilMs = nowMs() + limitMs
  try {
    return limited.runInThisContext({ timeout: limitMs }) as T
  } catch (thrown) {
    // What the code was about to throw when it was ended can come in place of Node's error, and a little early.
    if (nowMs() < untilMs - earlyMs && codeOf(thrown) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown
    ended()
    forgetContexts(thrown)
    throw new TimeLimitReached(limitMs)
  } finally {
    Reflect.deleteProperty(globalThis, slot)
  }
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null)?.code
}

/**
 * Code that was ended in the middle has left async contexts behind, and Node ends the process when it finds them. It
 * empties their stack whenever an uncaught exception was handled, so it is told of one.
 */
function forgetContexts(thrown: unknown): void {
  const { _fatalException: handled } = process as unknown as { _fatalException?: (error: unknown, of: boolean) => void }
  const restore = ownListeners('uncaughtException', () => {})
  try {
    handled?.call(process, thrown, false)
  } finally {
    restore()
  }
}
