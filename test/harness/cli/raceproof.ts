import { join } from 'node:path'
import { execa } from 'execa'
import { entry, packageRoot } from '../../../harness/entry.ts'

/** The folder whose `scenarios` the command line finds by name. */
export const fixtures = join(packageRoot, 'test', 'fixtures')

export interface Ended {
  exitCode: number | undefined
  signal: string | undefined
  stdout: string
  stderr: string
}

/** Starts the built command line as a user does. It never fails by itself: how it ended is what tests look at. */
export function start(args: readonly string[], cwd = fixtures) {
  return execa(process.execPath, [entry('harness/cli'), ...args], { cwd, reject: false, stdin: 'ignore' })
}

/** Runs the built command line to its end. */
export async function raceproof(args: readonly string[], cwd = fixtures): Promise<Ended> {
  const { exitCode, signal, stdout, stderr } = await start(args, cwd)
  return { exitCode, signal, stdout, stderr }
}
