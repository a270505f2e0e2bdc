import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import { known } from '../nearest.ts'
import { framesIn } from '../stack-place.ts'
import type { RunnableScenario } from '../thread-scenario.ts'
import { bundle, expectCompiles } from './bundle.ts'

const sourceFolder = join(packageRoot, 'scenarios')
const builtFolder = join(packageRoot, 'dist', 'scenarios')
const oneEach = 'a file has one scenario, which is its default export'
const extensions = ['.ts', '.mts', '.js', '.mjs']

/** A scenario, and the module that exports it as default: plain JavaScript, for another thread to import. */
export interface LoadedScenario {
  scenario: RunnableScenario
  /** A `file:` URL. */
  module: string
  /** The file that it was written in; null for one of the package's own. */
  file: string | null
}

/** All scenarios of the package, in order of their names. */
export async function bundledScenarios(): Promise<LoadedScenario[]> {
  return Promise.all(scenarioFiles(builtFolder).map(importScenario))
}

/**
 * Finds a scenario: a path, else a name in `./scenarios`, else one of the package's own. A TypeScript file is bundled
 * first.
 *
 * Throws `ERR_UNKNOWN_NAME` when there is none, and `ERR_SCENARIO_INVALID` with file and line when it is malformed.
 */
export async function loadScenario(nameOrPath: string, cwd: string): Promise<LoadedScenario> {
  return importScenario(isPath(nameOrPath) ? fileAt(nameOrPath, cwd) : fileNamed(nameOrPath, cwd))
}

/**
 * Finds the scenario of a saved failure. Throws `ERR_UNKNOWN_NAME` when it is gone, or the folder is not the one in which the
 * failure was saved, which its path is relative to.
 */
export async function loadSaved(
  saved: { file: string | null; scenario: string },
  cwd: string,
): Promise<LoadedScenario> {
  const { file, scenario } = saved
  if (file !== null && !existsSync(resolve(cwd, file))) {
    const problem = `the failure is one of the scenario in ${file}, and there is no ${resolve(cwd, file)}`
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `${problem}. Replay it in the folder in which 'raceproof run' was called`,
    )
  }
  return loadScenario(file ?? scenario, cwd)
}

/** Whether an argument names a file rather than a scenario. */
function isPath(argument: string): boolean {
  return argument.includes('/') || argument.includes(sep) || extensions.includes(extname(argument))
}

function fileAt(path: string, cwd: string): string {
  const file = resolve(cwd, path)
  if (!existsSync(file)) throw new HarnessError('ERR_UNKNOWN_NAME', `there is no scenario file ${file}`)
  if (extensions.includes(extname(file))) return file
  throw malformed(file, `a scenario is a file that ends in ${extensions.join(', ')}`)
}

function fileNamed(name: string, cwd: string): string {
  const ownFolder = join(cwd, 'scenarios')
  const candidates = [
    ...extensions.map((extension) => join(ownFolder, name + extension)),
    join(builtFolder, `${name}.js`),
  ]
  const file = candidates.find((candidate) => existsSync(candidate))
  if (file !== undefined) return file
  const names = [...new Set([ownFolder, builtFolder].flatMap(scenarioFiles).map(nameOf))]
  throw new HarnessError('ERR_UNKNOWN_NAME', `there is no scenario '${name}'.${known(name, names)}`)
}

function scenarioFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((file) => extensions.includes(extname(file)) && !file.endsWith('.d.ts'))
  return files.sort().map((file) => join(folder, file))
}

function nameOf(file: string): string {
  return basename(file, extname(file))
}

async function importScenario(file: string): Promise<LoadedScenario> {
  const runnable = await runnableOf(file)
  const module = pathToFileURL(runnable).href
  const { default: loaded, ...named } = (await importModule(file, module)) as { default?: unknown }
  const [other] = Object.entries(named).flatMap(([name, value]) =>
    isScenario(value) && value !== loaded ? [name] : [],
  )
  if (other !== undefined) throw malformed(file, `${other} is no default export and would not be run; ${oneEach}`)
  if (isScenario(loaded)) return { scenario: loaded, module, file: dirname(runnable) === builtFolder ? null : file }
  throw malformed(
    file,
    `expected its default export to be made by scenario('…', {…}) or threadScenario('…', {…}), got ${kindOf(loaded)}`,
  )
}

/** The JavaScript of a file that a user named. */
async function runnableOf(file: string): Promise<string> {
  return built(realpathSync(file)) ?? (/\.m?ts$/.test(file) ? await bundle(file) : file)
}

async function importModule(file: string, url: string): Promise<unknown> {
  try {
    return await import(url)
  } catch (thrown) {
    // Node does not say where in a module a syntax error is; the compiler does.
    if (thrown instanceof SyntaxError) await expectCompiles(file)
    throw malformed(placeOf(thrown) ?? file, messageOf(thrown), thrown)
  }
}

/** The package's own scenarios run as they were built: bundled again, their targets would not be those of the package. */
function built(file: string): string | undefined {
  const path = relative(sourceFolder, file)
  if (path.startsWith('..')) return undefined
  const runnable = join(builtFolder, path.replace(/\.ts$/, '.js'))
  if (existsSync(runnable)) return runnable
  const problem = "raceproof's own scenarios run as they were built, and there is none of this one"
  throw malformed(file, `${problem}: run 'npm run build', or put it into a folder of your own`)
}

/** Where the user's code threw, as `file:line:column`: the innermost frame that is neither Node's nor a package's. */
function placeOf(thrown: unknown): string | undefined {
  // With source maps on, the harness' own frames are those of its sources.
  const own = ['dist', 'harness'].map((folder) => join(packageRoot, folder) + sep)
  const frame = framesIn(thrown instanceof Error ? (thrown.stack ?? '') : '').find(
    ({ file }) => !file.includes(`${sep}node_modules${sep}`) && !own.some((folder) => file.startsWith(folder)),
  )
  return frame && `${frame.file}:${frame.line}:${frame.column}`
}

function isScenario(value: unknown): value is RunnableScenario {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined
  return kind === 'scenario' || kind === 'thread-scenario'
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'no default export'
  return value === null ? 'null' : `a value of type ${typeof value}`
}

function malformed(place: string, problem: string, cause?: unknown): HarnessError {
  return new HarnessError('ERR_SCENARIO_INVALID', `${place}: ${problem}`, { cause })
}
