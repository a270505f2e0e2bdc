import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, build, type Plugin } from 'esbuild'
import { HarnessError, messageOf } from '../errors.ts'

/** The scenario and the harness must share one raceproof, also where no package manager has installed it. */
const oneRaceproof: Plugin = {
  name: 'raceproof',
  setup({ onResolve }) {
    const { resolve } = createRequire(import.meta.url)
    onResolve({ filter: /^raceproof(\/|$)/ }, ({ path }) => ({ path: pathToFileURL(resolve(path)).href, external: true }))
  },
}

/**
 * Bundles a TypeScript module and what it imports relatively into one `.mjs` file, and returns its path. The file lies
 * in a cache under the nearest `node_modules`, so that the packages which the module imports still resolve.
 *
 * Throws `ERR_SCENARIO_INVALID` with file, line and column when it does not compile.
 */
export async function bundle(file: string): Promise<string> {
  // Errors thrown by the bundle, now and in the middle of a run, then name the lines that the user wrote.
  process.setSourceMapsEnabled(true)
  const folder = await cacheFolder(file)
  const text = await compile(file, folder).catch((failure: BuildFailure) => {
    throw new HarnessError('ERR_SCENARIO_INVALID', problemOf(failure) ?? `${file}: ${messageOf(failure)}`, { cause: failure })
  })
  const path = join(folder, `${basename(file, extname(file))}-${digest(text)}.mjs`)
  // Another run may be loading the same file: it must never see half of it.
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, text)
  await rename(unfinished, path)
  return path
}

/** Why a module does not compile, with its line; null when it does. */
export async function compileProblem(file: string): Promise<string | null> {
  return compile(file, dirname(file)).then(
    () => null,
    (failure: BuildFailure) => failure.errors?.[0]?.text ?? null,
  )
}
