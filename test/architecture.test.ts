import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse } from 'acorn'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { packageRoot } from '../harness/entry.ts'

/**
 * The import table: which zone of the house may import which. A file belongs to the first zone whose pattern matches
 * its path; an import of a path that no allowed pattern matches is a violation. Packages and node builtins are free,
 * except where a zone says otherwise.
 */
interface Zone {
  name: string
  files: RegExp
  may: RegExp[]
  /** Allowed package imports, where they are restricted. */
  packages?: RegExp
}

const leaf = /^harness\/(errors|random|nearest|entry|probe|compile|stack-place|bundle-maps)\.ts$/
const history = /^harness\/history\//
const fault = /^harness\/fault\//
const check = /^harness\/check\//
const vocabulary = /^harness\/(scenario|thread-scenario|worlds|workload|target|defect|model|record|proof)\.ts$/
const client = /^harness\/client\//
const live = /^harness\/live\//
const sim = /^harness\/sim\//
const explore = /^harness\/explore\//
const threads = /^harness\/threads\//
const watch = /^harness\/watch\//
const run = /^harness\/run\//
const sync = /^reference-impl\/sync\//
const nothing: RegExp[] = []

const zones: Zone[] = [
  { name: 'probe', files: /^harness\/probe\.ts$/, may: nothing, packages: /^node:diagnostics_channel$/ },
  { name: 'leaf', files: leaf, may: [leaf] },
  { name: 'history', files: history, may: [history, /^harness\/(random|errors)\.ts$/] },
  { name: 'model', files: /^harness\/model\.ts$/, may: [history, /^harness\/(errors|nearest)\.ts$/] },
  { name: 'fault', files: fault, may: [fault, history, leaf] },
  { name: 'check', files: check, may: [check, history, /^harness\/(model|errors|nearest)\.ts$/] },
  { name: 'vocabulary', files: vocabulary, may: [vocabulary, check, fault, history, leaf] },
  { name: 'client', files: client, may: [client, vocabulary, fault, history, leaf] },
  { name: 'live', files: live, may: [live, client, vocabulary, check, fault, history, leaf] },
  { name: 'sim', files: sim, may: [sim, vocabulary, check, fault, history, leaf] },
  { name: 'watch', files: watch, may: [watch, leaf] },
  { name: 'threads', files: threads, may: [threads, watch, vocabulary, check, fault, history, leaf] },
  { name: 'explore', files: explore, may: [explore, sim, watch, vocabulary, check, fault, history, leaf] },
  { name: 'register', files: /^harness\/register\.ts$/, may: [sim] },
  {
    name: 'run',
    files: run,
    may: [run, explore, threads, live, sim, watch, client, vocabulary, check, fault, history, leaf],
  },
  { name: 'index', files: /^harness\/index\.ts$/, may: [/^harness\/(?!cli)/] },
  { name: 'cli', files: /^harness\/cli\.ts$/, may: [run, vocabulary, check, history, leaf, /^reports\//] },
  {
    name: 'reports',
    files: /^reports\//,
    may: [
      /^reports\//,
      history,
      /^harness\/check\/(verdict|judge|contention-table|latency|leftovers)\.ts$/,
      /^harness\/(record|proof|worlds|errors|entry)\.ts$/,
    ],
  },
  { name: 'sync', files: sync, may: [sync], packages: /^(?!raceproof$)/ },
  ...['pipeline', 'mcp', 'state'].flatMap((component): Zone[] => {
    const own = new RegExp(`^reference-impl/${component}/`)
    return [
      {
        name: `${component} target`,
        files: new RegExp(`${own.source}(target|model|target-[a-z-]+|defects/.*)\\.ts$`),
        may: [own, sync],
      },
      { name: component, files: own, may: [own, sync], packages: /^(?!raceproof$)/ },
    ]
  }),
  { name: 'scenarios', files: /^scenarios\//, may: [/^scenarios\//, /^reference-impl\/[a-z]+\/[a-z-]+\.ts$/] },
]

const sources = ['harness', 'reference-impl', 'reports', 'scenarios'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
)
const textOf = (file: string) => readFileSync(join(packageRoot, file), 'utf8')

function importsOf(file: string): string[] {
  return [
    ...textOf(file).matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"\n]*?(?:\{[^}]*\}[^'"\n]*)?from\s*'([^']+)'|import\s*\(?\s*'([^']+)'/g,
    ),
  ].map((match) => (match[1] ?? match[2]) as string)
}

function violations(file: string): string[] {
  const zone = zones.find(({ files }) => files.test(file))
  if (zone === undefined) return [`${file} belongs to no zone of the import table`]
  return importsOf(file).flatMap((specifier) => {
    if (!specifier.startsWith('.')) {
      return zone.packages === undefined || zone.packages.test(specifier)
        ? []
        : [`${file} (${zone.name}) imports ${specifier}`]
    }
    const imported = relative(packageRoot, join(packageRoot, dirname(file), specifier))
    return zone.may.some((allowed) => allowed.test(imported)) ? [] : [`${file} (${zone.name}) imports ${imported}`]
  })
}

type Node = { type: string; [key: string]: unknown }

/** Variables of a module that hold state: `let`, `var`, and constants bound to a collection that starts empty. */
function moduleState(file: string): string[] {
  const { code } = transformSync(textOf(file), { loader: 'ts', format: 'esm', target: 'node20' })
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as { body: Node[] }
  return program.body.flatMap((statement) => {
    const declaration = (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement) as Node | null
    if (declaration?.type !== 'VariableDeclaration') return []
    const declarators = declaration.declarations as { id: { name?: string }; init: Node | null }[]
    return declarators
      .filter(({ init }) => declaration.kind !== 'const' || isEmptyCollection(init))
      .map(({ id }) => `${file}: ${id.name ?? 'a pattern'}`)
  })
}

function isEmptyCollection(init: Node | null): boolean {
  if (init?.type === 'ArrayExpression') return (init.elements as unknown[]).length === 0
  if (init?.type === 'ObjectExpression') return (init.properties as unknown[]).length === 0
  if (init?.type !== 'NewExpression') return false
  const { name } = init.callee as { name?: string }
  return (
    /^(Map|Set|WeakMap|WeakSet|Array|SharedArrayBuffer)$/.test(name ?? '') && (init.arguments as unknown[]).length === 0
  )
}

describe('the house', () => {
  it('has imports that go one way, as the table says', () => {
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.flatMap(violations)).toEqual([])
  })

  it('has one file that re-exports', () => {
    const barrels = sources.filter((file) => /^export\b[^\n]*\bfrom\b/m.test(textOf(file)))
    expect(barrels.filter((file) => file !== join('harness', 'index.ts'))).toEqual([])
  })

  it('has no folder or file for odds and ends', () => {
    expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file))).toEqual([])
  })

  it('keeps no mutable state in a module of the reference implementation', () => {
    expect(sources.filter((file) => file.startsWith('reference-impl')).flatMap(moduleState)).toEqual([])
  })

  it('has one lock for all reference servers', () => {
    const reference = sources.filter((file) => file.startsWith('reference-impl'))
    const matching = (pattern: RegExp) => reference.filter((file) => pattern.test(textOf(file)))
    expect(matching(/class \w*(Lock|Mutex)\b/)).toEqual([join('reference-impl', 'sync', 'reentrant-lock.ts')])
    expect(matching(/Atomics\.wait(Async)?\(/)).toEqual([join('reference-impl', 'sync', 'turnstile.ts')])
  })
})
