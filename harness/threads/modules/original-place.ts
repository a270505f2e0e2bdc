import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, resolve } from 'node:path'

/**
 * Finds where the user wrote what stands at a line and a column of compiled code, all from 1, as file:line:column. The maps
 * lead from the compiled code to the user's, one after the other. Null when they do not know.
 */
export function originalPlaces(
  maps: readonly SourceMapPayload[],
  file: string,
): (line: number, column: number) => string | null {
  const steps = maps.map((map) => new SourceMap(map))
  return (line, column) => {
    let at = { line: line - 1, column: column - 1, source: '' }
    for (const step of steps) {
      const entry = step.findEntry(at.line, at.column)
      if (!('originalSource' in entry)) return null
      at = { line: entry.originalLine, column: entry.originalColumn, source: entry.originalSource }
    }
    return `${resolve(dirname(file), at.source)}:${at.line + 1}:${at.column + 1}`
  }
}
