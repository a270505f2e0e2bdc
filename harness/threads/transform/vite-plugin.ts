import { fileURLToPath } from 'node:url'
import { isOwnCode, rewriteModule, runtimeUrl } from './rewrite-module.ts'

/** What Vite and Vitest take as a plugin; spelled out, so that neither has to be installed. */
export interface PlainAccessesPlugin {
  readonly name: string
  resolveId(id: string): string | null
  transform(code: string, id: string): { code: string; map: string } | null
}

export interface PlainAccessesOptions {
  /** Whether a module, given by its path, is rewritten; all but those of packages unless told otherwise. */
  include?: (path: string) => boolean
}

/** Under this name rewritten modules import what they call. */
const runtimeId = 'raceproof:observed'

/**
 * Rewrites the modules of a test run so that `exploreThreads` with `plainAccesses` sees what they do to shared arrays
 * without `Atomics`, in functions given as threads and in all that these call.
 *
 * ```ts
 * import { plainAccesses } from 'raceproof/vite'
 * import { defineConfig } from 'vitest/config'
 *
 * export default defineConfig({ plugins: [plainAccesses()] })
 * ```
 *
 * Outside of an exploration rewritten code does what it did before. Throws `ERR_SCENARIO_INVALID` for a module that is not
 * JavaScript when the plugin's turn comes, which is after Vite has compiled TypeScript.
 */
export function plainAccesses({ include = isOwnCode }: PlainAccessesOptions = {}): PlainAccessesPlugin {
  const runtimeFile = fileURLToPath(runtimeUrl)
  return {
    name: 'raceproof:plain-accesses',
    resolveId: (id) => (id === runtimeId ? runtimeFile : null),
    transform(code, id) {
      const path = id.replace(/[?#].*$/, '')
      if (path === runtimeFile || !include(path)) return null
      const wrapped = rewriteModule(code, path, runtimeId)
      return { code: wrapped.code, map: wrapped.map.toString() }
    },
  }
}
