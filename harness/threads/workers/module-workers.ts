import { pathToFileURL } from 'node:url'
import { entry, packageRoot } from '../../entry.ts'
import type { CompiledModule } from '../modules/compile-module.ts'
import type { CompiledThread } from '../thread-program.ts'
import type { WorkerProgram } from './real-workers.ts'

/** Workers whose code is exports of compiled modules, and which of them may block. */
export function moduleWorkers(threads: readonly CompiledThread[], canBlock: readonly boolean[]): WorkerProgram {
  const codes = threads.map(({ module, run }): CompiledThread => ({ module: withBuiltImports(module), run }))
  return { main: 'harness/threads/workers/thread-worker', codes, canBlock, plainAccesses: false }
}

/** The same module for a worker, which imports as it was built what comes from the package's own sources. */
export function withBuiltImports(module: CompiledModule): CompiledModule {
  return { ...module, imports: module.imports.map((each) => ({ ...each, from: builtUrl(each.from) })) }
}

/** The URL of a module as a worker can import it: workers run built JavaScript. */
export function builtUrl(url: string): string {
  const sources = `${pathToFileURL(packageRoot)}/`
  if (!url.startsWith(sources) || !url.endsWith('.ts')) return url
  return pathToFileURL(entry(url.slice(sources.length, -'.ts'.length))).href
}
