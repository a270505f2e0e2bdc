import { readdirSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { parse } from 'acorn'
import { mutationsOf } from './mutation.ts'
import type { Numbered } from './switched.ts'

/** One mutation of one file of the reference implementation. */
export interface Mutant extends Numbered {
  /** The built file, from `dist`. */
  readonly file: string
  /** The source file and line. */
  readonly place: string
  /** The same for as long as the code that is taken away is the same, wherever it moves in its file. */
  readonly key: string
}

/** What is no protection: the wrong variants, what describes a target to the harness, and command lines. */
const left = /\/defects\/|\/target|\/main\.js$|\/emit\.js$/

/** All mutants of the built reference implementation, by file and line. */
export function mutantsOf(dist: string): Mutant[] {
  return readdirSync(join(dist, 'reference-impl'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => join('reference-impl', file))
    .filter((file) => !left.test(file))
    .sort()
    .flatMap((file) => mutantsIn(dist, file))
    .map((mutant, id) => ({ ...mutant, id }))
}

function mutantsIn(dist: string, file: string): Omit<Mutant, 'id'>[] {
  const code = readFileSync(join(dist, file), 'utf8')
  const map = new SourceMap(JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')))
  const seen = new Map<string, number>()
  return mutationsOf(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), code).map((mutation) => {
    const name = `${file.replace(/^reference-impl\/|\.js$/g, '')} ${mutation.kind} ${mutation.what}`
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    return {
      ...mutation,
      file,
      place: `${file.replace(/\.js$/, '.ts')}:${lineOf(code, mutation.from, map)}`,
      key: nth === 1 ? name : `${name} (${nth})`,
    }
  })
}

function lineOf(code: string, offset: number, map: SourceMap): number {
  const before = code.slice(0, offset).split('\n')
  const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0)
  return 'originalLine' in entry ? entry.originalLine + 1 : before.length
}
