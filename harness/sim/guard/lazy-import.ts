import type { Simulation } from '../core/simulation.ts'
import { refuseUse } from '../refuse.ts'

/** The files that Node's loader reads as modules. */
const modules = /\.(?:[cm]?[jt]s|json|wasm)$/

/** Where Node's loaders lie: of ES modules, and of those that are required, which needs no event. */
const importing = 'node:internal/modules/esm/'
const requiring = 'node:internal/modules/cjs/'

/** The loader is not far from the file that it opens, and each frame takes time. */
const framesMost = 12

/**
 * Refuses the `import()` of a module that is not loaded yet. Node reads it only once in the life of a thread, so that the
 * next schedule would not see those events, and module state would be carried over from one schedule to the next.
 */
export function refuseLazyImport(simulation: Simulation, path: string): void {
  if (!modules.test(path) || !isCalledByLoader()) return
  refuseUse(simulation, `import('${path}')`, 'lazyImport')
}

/** Looks at the frames themselves: to write a stack down takes longer than to capture it, and files of data are opened often. */
function isCalledByLoader(): boolean {
  const { stackTraceLimit, prepareStackTrace } = Error
  Error.stackTraceLimit = framesMost
  Error.prepareStackTrace = (_error, frames) => frames
  const frames = new Error('who asks?').stack as unknown as NodeJS.CallSite[]
  Object.assign(Error, { stackTraceLimit, prepareStackTrace })
  const isIn = (folder: string) => frames.some((frame) => frame.getFileName()?.startsWith(folder))
  return isIn(importing) && !isIn(requiring)
}
