import { createHash } from 'node:crypto'
import { constants, existsSync, rmSync } from 'node:fs'
import { access, mkdir, mkdtemp, realpath, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import { cachedBundles, temporaryBundles } from '../bundle-maps.ts'
import { compile } from '../compile.ts'
import { HarnessError, messageOf } from '../errors.ts'

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
  const text = await compile(file, { folder, packages: 'names' })
  const path = join(folder, `${basename(file, extname(file))}-${digest(text)}.mjs`)
  try {
    await replaceFile(path, text)
  } catch (error) {
    throw new HarnessError('ERR_OUTPUT', `cannot write the bundle of ${file}: ${messageOf(error)}`, { cause: error })
  }
  return path
}

/** Throws `ERR_SCENARIO_INVALID` with file, line and column when a module does not compile. */
export async function expectCompiles(file: string): Promise<void> {
  await compile(file, { folder: dirname(file), packages: 'names' })
}

/** The cache under the nearest `node_modules`; without one, a folder that lasts as long as this process. */
async function cacheFolder(file: string): Promise<string> {
  const modules = nearestModules(dirname(file))
  if (modules === undefined) return temporaryFolder()
  const folder = join(modules, cachedBundles)
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    // Node resolves links when it imports, so that the source map must be right from where the file really lies.
    return await realpath(folder)
  } catch {
    return temporaryFolder()
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), temporaryBundles))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function nearestModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules')
  if (existsSync(modules)) return modules
  const parent = dirname(folder)
  return parent === folder ? undefined : nearestModules(parent)
}

/** Another run may be loading the same file, and must never see half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`
  await writeFile(unfinished, text)
  await rename(unfinished, path)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
