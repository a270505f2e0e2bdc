import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../entry.ts'

const harnessFolder = join(packageRoot, 'dist', 'harness')

/** Where a module names another one by a relative path. */
const imports = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g

/**
 * A hash of a scenario's code: its module, in plain JavaScript, and all that it imports relatively, its target among it.
 * The harness has a version, and packages have lock files. What differs from machine to machine, as comments with paths and
 * source maps do, is left out.
 */
export function scenarioHash(module: string): string {
  const root = fileURLToPath(module)
  const files = new Map<string, string>()
  collect(root, files)
  const hash = createHash('sha256')
  for (const file of [...files.keys()].sort()) {
    // A bundle's name holds a hash of its text, comments included.
    const name = file === root ? 'scenario' : relative(dirname(root), file).split(sep).join('/')
    hash.update(`${name}\n${files.get(file)}\n`)
  }
  return hash.digest('hex')
}

function collect(file: string, files: Map<string, string>): void {
  if (files.has(file) || file.startsWith(harnessFolder + sep) || !existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  files.set(file, text.replace(/^[ \t]*\/\/.*(?:\n|$)/gm, ''))
  for (const [, path] of text.matchAll(imports)) collect(resolve(dirname(file), path as string), files)
}
