import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compileFunction } from 'node:vm'
import { HarnessError } from '../../errors.ts'
import { observed, pass, turn } from '../transform/observed.ts'
import type { CompiledModule } from './compile-module.ts'
import { originalPlaces } from './original-place.ts'

type Exports = Readonly<Record<string, unknown>>

/** What stands after the path of a module in the frames of its instances. */
const suffix = '?thread'

/**
 * The instances of a thread's module. A thread has one of its own, as a worker would have, and a module that may hold state
 * is evaluated again for each run of the thread, since a run must find everything as the first one did.
 */
export class ModuleInstances {
  readonly module: CompiledModule
  readonly #evaluate: (...values: unknown[]) => Exports
  readonly #imported: ReadonlyMap<string, Exports>
  readonly #kept = new Map<number, Exports>()
  readonly #values = new Map<number, readonly unknown[]>()
  readonly #placeOf: (line: number, column: number) => string | null

  private constructor(module: CompiledModule, imported: ReadonlyMap<string, Exports>) {
    const { code, parameters, file, maps } = module
    this.module = module
    this.#imported = imported
    // The directive stands on a line of its own, before the first.
    const filename = file + suffix
    const options = { filename, lineOffset: -1 }
    this.#evaluate = compileFunction(`'use strict'\n${code}`, [...parameters], options) as () => Exports
    this.#placeOf = originalPlaces(maps, file)
  }

  /** Loads what the module imports from elsewhere. Throws what that throws, or when a name is not there. */
  static async load(module: CompiledModule): Promise<ModuleInstances> {
    const names = [...new Set(module.imports.map(({ from }) => from))]
    const loaded = await Promise.all(names.map(async (name) => [name, await importFrom(name)] as const))
    const imported = new Map(loaded)
    for (const { from, name } of module.imports) {
      if (name !== '*' && !(name in imported.get(from)!)) {
        throw new SyntaxError(`${module.file} imports '${name}' from '${from}', which does not export it`)
      }
    }
    return new ModuleInstances(module, imported)
  }

  /** The exports of the instance that a thread's next run uses. */
  exportsFor(thread: number): Exports {
    if (this.module.mayHoldState) return this.#instance(thread)
    const kept = this.#kept.get(thread) ?? this.#instance(thread)
    this.#kept.set(thread, kept)
    return kept
  }

  /** Where the user wrote what stands at a place of an instance; any other place as it is. */
  original(place: string): string {
    const prefix = `${this.module.file}${suffix}:`
    if (!place.startsWith(prefix)) return place
    const [line, column] = place.slice(prefix.length).split(':').map(Number)
    return this.#placeOf(line!, column!) ?? place
  }

  #instance(thread: number): Exports {
    const { file: filename } = this.module
    const meta = { url: pathToFileURL(filename).href, filename, dirname: dirname(filename) }
    return this.#evaluate(observed, turn, pass, meta, refuseLazyImport, ...this.#valuesFor(thread))
  }

  /** What a thread's instances import: what it was when the first of them was made, builtins replaced. */
  #valuesFor(thread: number): readonly unknown[] {
    const known = this.#values.get(thread)
    if (known !== undefined) return known
    const values = this.module.imports.map(({ from, name }) => {
      const exports = asIn(thread, from, this.#imported.get(from)!)
      return name === '*' ? exports : exports[name]
    })
    this.#values.set(thread, values)
    return values
  }
}

/** A builtin by its name, or a file of a package by its URL. */
function importFrom(name: string): Promise<Exports> {
  return import(name)
}

function refuseLazyImport(name: unknown): never {
  throw new HarnessError(
    'ERR_WORLD_UNSUPPORTED',
    `a thread's module imports '${name}' while it runs, which cannot be repeated; import it at the top of the module`,
  )
}

/** What a builtin says of the thread, as a worker with the next number would see it. */
function asIn(thread: number, from: string, exports: Exports): Exports {
  if (!/^(node:)?worker_threads$/.test(from)) return exports
  const own = { threadId: thread + 1, isMainThread: false }
  return { ...exports, default: { ...(exports.default as object), ...own }, ...own }
}
