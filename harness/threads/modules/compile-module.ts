import type { SourceMapPayload } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from '../../compile.ts'
import { HarnessError } from '../../errors.ts'
import { parseCode } from '../transform/parse-code.ts'
import { type SyntaxNode, visit } from '../transform/syntax-node.ts'
import { names, wrapAccesses } from '../transform/wrap-accesses.ts'
import { functionBody, type ImportedName, lazyName, metaName } from './function-body.ts'
import { mayHoldState } from './module-state.ts'
import { originalPlaces } from './original-place.ts'

export interface CompileModuleOptions {
  /** Whether plain accesses are to be seen. */
  plainAccesses: boolean
}

/** A module of a thread, and what it imports relatively, as the body of one function. It can be sent to other threads. */
export interface CompiledModule {
  /** The path of the module. */
  readonly file: string
  readonly code: string
  /** The names of all that the function takes. */
  readonly parameters: readonly string[]
  /** What it takes last: names from packages and builtins. */
  readonly imports: readonly ImportedName[]
  readonly exports: readonly string[]
  /** Whether an instance can be used only once. */
  readonly mayHoldState: boolean
  /** The ways back to the lines that the user wrote, to be gone one after the other. */
  readonly maps: readonly SourceMapPayload[]
}

/**
 * Compiles a thread's module, JavaScript or TypeScript. Throws `ERR_SCENARIO_INVALID` when it does not compile, or awaits at
 * its top, where a thread that is run again and again cannot wait; `ERR_USAGE` when it is not given by the URL of a file.
 */
export async function compileModule(
  url: string | URL,
  { plainAccesses }: CompileModuleOptions,
): Promise<CompiledModule> {
  const file = pathOf(url)
  const { code, map } = withoutMap(await compile(file, { folder: dirname(file), packages: 'urls' }))
  const tree = parseCode(code, file, 'module')
  expectNoAwait(tree, originalPlaces([map], file))
  const body = functionBody(code, tree)
  const wrapped = plainAccesses ? wrapAccesses(body.code, { file, sourceType: 'script' }) : null
  const own = [...Object.values(names), metaName, lazyName]
  return {
    file,
    code: wrapped?.code ?? body.code,
    parameters: [...own, ...body.imports.map(({ local }) => local)],
    imports: body.imports,
    exports: body.exports,
    mayHoldState: mayHoldState(tree),
    maps: wrapped === null ? [map] : [JSON.parse(wrapped.map.toString()), map],
  }
}

function pathOf(url: string | URL): string {
  if (URL.canParse(String(url)) && new URL(url).protocol === 'file:') return fileURLToPath(url)
  throw new HarnessError(
    'ERR_USAGE',
    `expected the module of a thread as the URL of a file, such as new URL('./worker.ts', import.meta.url), got ${JSON.stringify(url)}`,
  )
}

/** Parts a bundle from its inline source map. */
function withoutMap(text: string): { code: string; map: SourceMapPayload } {
  const [comment, base64] = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(text)!
  const map: SourceMapPayload = JSON.parse(Buffer.from(base64!, 'base64').toString())
  return { code: text.slice(0, -comment.length), map }
}

function expectNoAwait(tree: SyntaxNode, placeOf: (line: number, column: number) => string | null): void {
  visit(tree, {
    enter({ type, await: isAwait, loc }, ancestors) {
      if ((type !== 'AwaitExpression' && isAwait !== true) || ancestors.some(isFunction)) return
      const { line, column } = (loc as { start: { line: number; column: number } }).start
      throw new HarnessError(
        'ERR_SCENARIO_INVALID',
        `${placeOf(line, column + 1)}: a thread's module awaits at its top: expected code that runs through, since a thread ` +
          'is run again for each of its steps; await in setup, and hand over what comes',
      )
    },
  })
}

function isFunction({ type }: SyntaxNode): boolean {
  return /^(Arrow)?Function/.test(type)
}
