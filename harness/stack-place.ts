import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from './entry.ts'

/** The harness as it is built, and as source maps name it. */
const harnessFolders = [join('dist', 'harness'), 'harness'].map((folder) => join(packageRoot, folder) + sep)

/**
 * `file:line`, seen from the working directory, of the innermost frame that belongs neither to Node nor to this harness: of the
 * program's own code where it is on the stack, else of a package. Undefined when there is neither.
 */
export function placeIn(stack: string): string | undefined {
  const places = stack.split('\n').flatMap((line) => placeOf(line) ?? [])
  return places.find((place) => !/[\\/]?node_modules[\\/]/.test(place)) ?? places[0]
}

/** The file and line of a stack's line, such as `    at handler (file:///app/server.js:12:7)`. */
function placeOf(line: string): string | undefined {
  const [, where, number] =
    /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?|[A-Za-z]:[\\/][^()]*?):(\d+):\d+\)?$/.exec(line) ?? []
  if (where === undefined) return undefined
  const path = where.startsWith('file://') ? fileURLToPath(where) : where
  return harnessFolders.some((folder) => path.startsWith(folder))
    ? undefined
    : `${relative(process.cwd(), path)}:${number}`
}
