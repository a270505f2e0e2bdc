import type { SimChild } from 'raceproof'
import { builtFile } from '../sync/built-file.ts'

/** The command of a test that does not end when it is asked to: it has to be killed. */
export const stubbornTest: readonly string[] = [process.execPath, builtFile('reference-impl/state/stubborn-test')]

/** What that command does in the simulated world, where no real program runs. */
export function stubbornProgram(child: SimChild): void {
  child.onSignal('SIGTERM', () => {})
  setTimeout(() => {}, 30_000)
}
