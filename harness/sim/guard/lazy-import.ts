import type { Simulation } from '../core/simulation.ts'
import { refuseUse } from '../refuse.ts'

/** The files that Node's loader reads as modules. */
const modules = /\.(?:[cm]?[jt]s|json|wasm)$/

/** Where Node's loaders lie: of ES modules, and of those that are required, which needs no event. */
const importing = 'node:internal/modules/esm/'
const requiring = 'node:internal/modules/cjs/'

/**
 * Refuses the `import()` of a module that is not loaded yet. Node reads it only once in the life of a thread, so that the
 * next schedule would not see those events, and module state would be carried over from one schedule to the next.
 */
export function refuseLazyImport(simulation: Simulation, path: string): void {
  if (!modules.test(path) || !isCalledByLoader()) return
  refuseUse(simulation, `import('${path}')`, 'lazyImport')
}

function isCalledByLoader(): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 20
  const { stack } = new Error('who asks?')
  Error.stackTraceLimit = stackTraceLimit
  return stack?.includes(importing) === true && !stack.includes(requiring)
}
