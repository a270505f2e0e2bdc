import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder of the raceproof package, found through its own name, so that it is the same from `dist/` and from the sources. */
export const packageRoot = dirname(createRequire(import.meta.url).resolve('raceproof/package.json'))

/**
 * The built file to start as a process or worker: `entry('harness/live/host')` is `<package>/dist/harness/live/host.js`.
 * Processes and workers run built JavaScript, because a loader hook does not reach into every worker on Node 20.
 */
export function entry(name: string): string {
  return join(packageRoot, 'dist', `${name}.js`)
}
