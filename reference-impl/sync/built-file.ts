import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The built file to start as a worker or process: `builtFile('reference-impl/state/job-worker')` is
 * `<package>/dist/reference-impl/state/job-worker.js`. Found through the package's own name, so that it is the same from
 * the sources and from `dist/`; workers run built JavaScript, because no loader hook reaches them on Node 20.
 */
export function builtFile(name: string): string {
  const manifest = createRequire(import.meta.url).resolve('raceproof/package.json')
  return join(dirname(manifest), 'dist', `${name}.js`)
}
