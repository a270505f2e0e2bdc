import { readdirSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { parse } from 'acorn'
import { type Mutation, mutationsOf } from './mutation.ts'

/** One mutation of one file of the reference implementation. */
export interface Mutant extends Mutation {
  /** The built file, from `dist`. */
  readonly file: string
  /** The source file and line. */
  readonly place: string
  /** The file's text with the mutation in it. */
  readonly mutated: string
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
}

function mutantsIn(dist: string, file: string): Mutant[] {
  const code = readFileSync(join(dist, file), 'utf8')
  const map = new SourceMap(JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')))
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  return mutationsOf(tree, code).map((mutation) => ({
    ...mutation,
    file,
    place: `${file.replace(/\.js$/, '.ts')}:${lineOf(code, mutation.from, map)}`,
    mutated: code.slice(0, mutation.from) + mutation.text + code.slice(mutation.to),
  }))
}

function lineOf(code: string, offset: number, map: SourceMap): number {
  const before = code.slice(0, offset).split('\n')
  const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0)
  return 'originalLine' in entry ? entry.originalLine + 1 : before.length
}
