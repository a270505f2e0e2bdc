import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../harness/entry.ts'

/**
 * The path of a Node of another major version, installed by npm into the ignored cache folder when it is not there yet;
 * never as a dependency, for a `node` among the packages' commands would take over every npm script. What kept it from being
 * installed is told instead.
 */
export async function installedNode(major: number): Promise<{ path: string } | { missing: string }> {
  const folder = join(packageRoot, '.cache', `node${major}`)
  const path = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (existsSync(path)) return { path }
  try {
    await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${major}`])
  } catch (thrown) {
    return { missing: (thrown as Error).message }
  }
  return existsSync(path) ? { path } : { missing: `npm installed node@${major}, but there is no ${path}` }
}
