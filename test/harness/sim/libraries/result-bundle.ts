import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { packageRoot } from '../../../../harness/entry.ts'
import type { ProgramResult } from './result-process.ts'

export interface ProcessResults {
  readonly version: string
  readonly cold: readonly ProgramResult[]
  readonly warm: readonly ProgramResult[]
}

const source = join(packageRoot, 'test/harness/sim/libraries')

/**
 * Bundles `result-process.ts` and `raceproof/register` from the sources, with one copy of what they share, so that it runs
 * on any Node. Returns the folder, which the caller removes.
 */
export async function bundleResults(): Promise<string> {
  const cache = join(packageRoot, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'sim-libraries-'))
  await build({
    entryPoints: [join(packageRoot, 'harness/register.ts'), join(source, 'result-process.ts')],
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    entryNames: '[name]',
  })
  return folder
}

/** Runs the bundle with a Node of the caller's choice. */
export async function resultsUnder(node: string, folder: string): Promise<ProcessResults> {
  const args = ['--import', join(folder, 'register.mjs'), join(folder, 'result-process.mjs')]
  const { stdout } = await promisify(execFile)(node, args, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout)
}
