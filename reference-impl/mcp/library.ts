import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where the files that ship with the server are: found through the package, so that sources and build share them. */
export const library = join(
  dirname(createRequire(import.meta.url).resolve('raceproof/package.json')),
  'reference-impl',
  'mcp',
  'library',
)
