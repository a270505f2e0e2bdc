import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'

/**
 * Says where the author wrote what runs at a place, both as file:line:column: of JavaScript that was built, the line of the
 * source that it was built from. A place without a source map stays what it is.
 */
export function sourcePlaces(): (place: string) => string {
  const maps = new Map<string, SourceMap | null>()
  return (place) => {
    const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? []
    if (file === undefined) return place
    const map = maps.get(file) ?? mapOf(file)
    maps.set(file, map)
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1)
    if (entry === undefined || !('originalSource' in entry)) return place
    return `${resolve(dirname(file), entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  }
}

function mapOf(file: string): SourceMap | null {
  return existsSync(`${file}.map`) ? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))) : null
}
