import MagicString, { SourceMap, type SourceMapSegment } from 'magic-string'
import { observableOf } from './observable.ts'
import { parseCode } from './parse-code.ts'
import { type SyntaxNode, visit } from './syntax-node.ts'

/** What rewritten code calls the functions of `observed.ts`. */
export const names = { observed: '$raceproof_observed', turn: '$raceproof_turn', pass: '$raceproof_pass' } as const

const loops: ReadonlySet<string> = new Set([
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
])

export interface WrapOptions {
  /** What the code is called, in the source map and in errors. */
  file: string
  /** How it is read; `module` unless told otherwise. */
  sourceType?: 'module' | 'script'
}

export interface Wrapped {
  readonly code: string
  /** From the new code to the given one, for every character. */
  readonly map: SourceMap
}

/** Text to put before and after nodes, and at the beginning of blocks. */
interface Insertions {
  readonly around: Map<SyntaxNode, readonly [before: string, after: string]>
  readonly inside: Map<SyntaxNode, string>
}

/**
 * Rewrites code so that its plain accesses of shared arrays can be seen: `a[i]` becomes `observed(a)[i]`. The access itself
 * stays what it was, with its order of evaluation and its errors, and `observed` gives back all that is not a shared array.
 * Loops say that they turn, so that an endless one can be ended, and catch clauses let pass what suspends a thread.
 *
 * Text is put in, but never a line, so that line numbers stay, and the map finds every column. Accesses behind an optional
 * link (`a?.b[i]`) are not seen; `a?.[i]` is. Throws `ERR_SCENARIO_INVALID` with file, line and column when the code does
 * not parse.
 */
export function wrapAccesses(code: string, { file, sourceType = 'module' }: WrapOptions): Wrapped {
  const text = new MagicString(code)
  const callees = new Set<SyntaxNode>()
  const insertions: Insertions = { around: new Map(), inside: new Map() }
  const { around, inside } = insertions
  const put = (at: number, what: string | undefined) => {
    if (what !== undefined) text.appendLeft(at, what)
  }
  visit(parseCode(code, file, sourceType), {
    enter(node) {
      for (const value of observableOf(node, callees)) around.set(value, observing(value))
      guard(node, insertions)
      put(node.start, around.get(node)?.[0])
      put(node.start + 1, inside.get(node))
    },
    leave: (node) => put(node.end, around.get(node)?.[1]),
  })
  return { code: text.toString(), map: mapOf(text, file) }
}

/** A map of every character, where text that was put in belongs to the character after it: an access to its object. */
function mapOf(text: MagicString, file: string): SourceMap {
  const map = text.generateDecodedMap({ hires: true, source: file, includeContent: true })
  const mappings = map.mappings.map((line) => {
    const filled: SourceMapSegment[] = []
    let next = 0
    for (const segment of line) {
      const [column, ...original] = segment
      if (column > next) filled.push([next, ...original] as SourceMapSegment)
      filled.push(segment)
      next = column + 1
    }
    return filled
  })
  return new SourceMap({ ...map, mappings })
}

function observing({ type }: SyntaxNode): [string, string] {
  const [open, close] = type === 'SequenceExpression' ? ['((', '))'] : ['(', ')']
  return [names.observed + open, close]
}

/** Puts a call at the beginning of what loops repeat, and of catch clauses. */
function guard({ type, body }: SyntaxNode, { around, inside }: Insertions): void {
  if (type === 'CatchClause') inside.set(body as SyntaxNode, `${names.pass}();`)
  if (!loops.has(type)) return
  const repeated = body as SyntaxNode
  if (repeated.type === 'BlockStatement') inside.set(repeated, `${names.turn}();`)
  else around.set(repeated, [`{${names.turn}();`, '}'])
}
