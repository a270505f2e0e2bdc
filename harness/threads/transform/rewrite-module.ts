import { fileURLToPath } from 'node:url'
import { names, type Wrapped, wrapAccesses } from './wrap-accesses.ts'

/** The folder of the harness, whose own code is not rewritten. */
const harness = fileURLToPath(new URL('../../', import.meta.url))

/** Where rewritten code finds what it calls, beside this file: built or as it is. */
export const runtimeUrl = new URL(import.meta.url.endsWith('.js') ? './observed.js' : './observed.ts', import.meta.url)

/** Whether a module, given by its path, is rewritten unless told otherwise: all but those of packages. */
export function isOwnCode(path: string): boolean {
  return /\.m?[jt]sx?$/.test(path) && !path.includes('/node_modules/') && !path.startsWith(harness)
}

/** Rewrites an ES module ({@link wrapAccesses}), which imports what it calls from `runtime`. */
export function rewriteModule(code: string, file: string, runtime: string): Wrapped {
  const { code: wrapped, map } = wrapAccesses(code, { file })
  const imported = Object.entries(names).map(([name, local]) => `${name} as ${local}`)
  // At the end, since imports count from anywhere and lines are to stay.
  return { code: `${wrapped}\nimport { ${imported.join(', ')} } from ${JSON.stringify(runtime)};`, map }
}
