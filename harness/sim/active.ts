import type { Simulation } from './core/simulation.ts'
import { captureRealBuiltins, type RealBuiltins } from './real-builtins.ts'

/** What every patched builtin asks: is a schedule running in this thread, and if not, what was there before us? */
export interface Switch {
  /** The schedule that runs now; undefined outside of schedules, when every builtin is the real one. */
  current: Simulation | undefined
  /** Whether `raceproof/register` has replaced the builtins of this thread. */
  installed: boolean
  /** Gives the thread back while a schedule runs, whose code was ended in the middle. */
  giveBack: (() => void) | undefined
  readonly real: RealBuiltins
  /** Counts the steps of all schedules of this thread in its first element, for whoever watches from another thread. */
  beat: Int32Array | undefined
  /** What patches do when a schedule starts, such as refilling pools of random bytes that outlive it. */
  readonly atStart: Set<(simulation: Simulation) => void>
  /** Native objects that Node makes for simulated things (a port, a process, a pipe) and that start nothing real. */
  readonly standIns: WeakSet<object>
}

const key = Symbol.for('raceproof.simulation')
const holder = globalThis as { [key]?: Switch }

/**
 * The one switch of this thread. It hangs on the global object, because a test runner may load this module twice (once
 * as a set-up file, once as an import) while there is only one set of builtins to patch.
 */
export const active: Switch = holder[key] ?? {
  current: undefined,
  installed: false,
  giveBack: undefined,
  beat: undefined,
  real: captureRealBuiltins(),
  atStart: new Set(),
  standIns: new WeakSet(),
}
holder[key] = active
