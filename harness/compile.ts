import { createRequire, isBuiltin } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, build, type Plugin } from 'esbuild'
import { HarnessError, messageOf } from './errors.ts'

export interface CompileOptions {
  /** The folder where the sources are seen from in the source map. */
  folder: string
  /** How packages are imported: by their names, or by the URLs of their files, for code that is run from somewhere else. */
  packages: 'names' | 'urls'
}

/** The user's code and the harness must share one raceproof, also where no package manager has installed it. */
const oneRaceproof: Plugin = {
  name: 'raceproof',
  setup({ onResolve }) {
    const { resolve } = createRequire(import.meta.url)
    onResolve({ filter: /^raceproof(\/|$)/ }, ({ path }) => ({
      path: pathToFileURL(resolve(path)).href,
      external: true,
    }))
  },
}

/** Packages by the URLs of the files that Node would load for the module that imports them. */
const packageUrls: Plugin = {
  name: 'package-urls',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind === 'entry-point' || isBuiltin(path) || pluginData === packageUrls) return null
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: packageUrls })
      if (found.errors.length > 0) return { errors: found.errors }
      return { path: pathToFileURL(found.path).href, external: true }
    })
  },
}

/**
 * Makes one ES module of a module and what it imports relatively, with an inline source map, and returns its text. Packages
 * stay imports.
 *
 * Throws `ERR_SCENARIO_INVALID` with file, line and column when it does not compile.
 */
export async function compile(file: string, { folder, packages }: CompileOptions): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      outdir: folder,
      bundle: true,
      plugins: packages === 'names' ? [oneRaceproof] : [oneRaceproof, packageUrls],
      // The condition `module` is one that Node does not know.
      ...(packages === 'names' ? { packages: 'external' } : { conditions: ['node'] }),
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      write: false,
      logLevel: 'silent',
    })
    return outputFiles[0]!.text
  } catch (thrown) {
    throw new HarnessError('ERR_SCENARIO_INVALID', problemOf(file, thrown), { cause: thrown })
  }
}

function problemOf(file: string, thrown: unknown): string {
  const [first] = (thrown as Partial<BuildFailure>).errors ?? []
  if (first === undefined) return `${file}: ${messageOf(thrown)}`
  const { location, text } = first
  return location === null
    ? `${file}: ${text}`
    : `${resolve(location.file)}:${location.line}:${location.column + 1}: ${text}`
}
