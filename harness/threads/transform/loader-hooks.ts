import type { LoadHook } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isOwnCode, rewriteModule, runtimeUrl } from './rewrite-module.ts'

/** Rewrites each ES module of the program's own as it is loaded, with a source map that Node follows in its stacks. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (loaded.format !== 'module' || !url.startsWith('file:') || !isOwnCode(fileURLToPath(url))) return loaded
  const { code, map } = rewriteModule(textOf(loaded.source), fileURLToPath(url), runtimeUrl.href)
  return { ...loaded, source: `${code}\n//# sourceMappingURL=${map.toUrl()}` }
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string {
  return typeof source === 'string' ? source : Buffer.from(source as ArrayBuffer).toString()
}
