import { type SyntaxNode, visit } from '../transform/syntax-node.ts'

/** A name that a module imports: `name` of the module `from`, where `*` is all of it. */
export interface ImportedName {
  readonly local: string
  readonly from: string
  readonly name: string
}

export interface FunctionBody {
  /** Evaluates the module and returns its exports by name. All lines and columns are those of the module. */
  readonly code: string
  /** What the function takes. */
  readonly imports: readonly ImportedName[]
  /** The names that the module exports. */
  readonly exports: readonly string[]
}

/** What `import.meta` and the `import` of `import(…)` are called in a function body: names of the same length. */
export const metaName = '$importMeta'
export const lazyName = '$later'

interface Specifier extends SyntaxNode {
  readonly local: SyntaxNode
  readonly imported?: SyntaxNode
  readonly exported?: SyntaxNode
}

/**
 * Makes the body of a function of an ES module in the form that esbuild gives its bundles, with its one export statement at
 * the end, so that it can be evaluated again and again. Imported names keep the values that they had at the call.
 */
export function functionBody(code: string, tree: SyntaxNode): FunctionBody {
  const text = code.split('')
  const put = ({ start, end }: SyntaxNode, replacement: string) => {
    const blanked = code.slice(start, end).replace(/[^\n]/g, ' ')
    text.splice(start, end - start, ...(replacement + blanked.slice(replacement.length)))
  }
  const imports: ImportedName[] = []
  const exported: Specifier[] = []
  for (const statement of tree.body as SyntaxNode[]) {
    if (statement.type === 'ImportDeclaration') imports.push(...importedBy(statement))
    if (statement.type === 'ExportNamedDeclaration') exported.push(...(statement.specifiers as Specifier[]))
    if (/^(Import|ExportNamed)Declaration$/.test(statement.type)) put(statement, '')
  }
  visit(tree, {
    enter(node) {
      if (node.type === 'MetaProperty' && isImportMeta(node)) put(node, metaName)
      if (node.type === 'ImportExpression') put({ ...node, end: node.start + lazyName.length }, lazyName)
    },
  })
  const results = exported.map(({ local, exported }) => `${JSON.stringify(nameOf(exported!))}: ${nameOf(local)}`)
  const exports = exported.map(({ exported }) => nameOf(exported!))
  return { code: `${text.join('')}\nreturn { ${results.join(', ')} }`, imports, exports }
}

function importedBy({ specifiers, source }: SyntaxNode): ImportedName[] {
  const from = String((source as SyntaxNode).value)
  return (specifiers as Specifier[]).map(({ type, local, imported }) => {
    const name = type === 'ImportDefaultSpecifier' ? 'default' : imported === undefined ? '*' : nameOf(imported)
    return { local: nameOf(local), from, name }
  })
}

function isImportMeta({ meta }: SyntaxNode): boolean {
  return nameOf(meta as SyntaxNode) === 'import'
}

/** An identifier's name, or what stands in quotes. */
function nameOf({ name, value }: SyntaxNode): string {
  return String(name ?? value)
}
