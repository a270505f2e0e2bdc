import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from './entry.ts'

/** The harness as it is built, and as source maps name it. */
const harnessFolders = [join('dist', 'harness'), 'harness'].map((folder) => join(packageRoot, folder) + sep)

/** A call of code in a file. */
export interface Frame {
  /** Its path. */
  readonly file: string
  readonly line: string
  readonly column: string
}

/** A stack's line, such as `    at handler (file:///app/server.js:12:7)`. */
const frame = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()\n]*?|[A-Za-z]:[\\/][^()\n]*?):(\d+):(\d+)\)?$/gm

/** The frames of a stack whose code is in files, the innermost first; those of Node itself have none. */
export function framesIn(stack: string): Frame[] {
  return [...stack.matchAll(frame)].map(([, file = '', line = '', column = '']) => ({
    file: file.startsWith('file://') ? fileURLToPath(file) : file,
    line,
    column,
  }))
}

/**
 * `file:line`, seen from the working directory, of the innermost frame that belongs neither to Node nor to this harness: of the
 * program's own code where it is on the stack, else of a package. Undefined when there is neither.
 */
export function placeIn(stack: string): string | undefined {
  const places = framesIn(stack)
    .filter(({ file }) => !harnessFolders.some((folder) => file.startsWith(folder)))
    .map(({ file, line }) => `${relative(process.cwd(), file)}:${line}`)
  return places.find((place) => !/[\\/]?node_modules[\\/]/.test(place)) ?? places[0]
}
