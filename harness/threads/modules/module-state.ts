import { childrenOf, isNode, type SyntaxNode, visit } from '../transform/syntax-node.ts'

const functions: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Expressions that stay when their parts do. */
const compounds: ReadonlySet<string> = new Set([
  'TemplateLiteral',
  'TemplateElement',
  'UnaryExpression',
  'BinaryExpression',
  'LogicalExpression',
  'ConditionalExpression',
])

/** Functions whose result depends on nothing else and cannot be changed. */
const pure: ReadonlySet<string> = new Set(['Symbol', 'Symbol.for', 'String', 'Number', 'BigInt'])

/** Classes whose instances no run of a thread leaves changed. */
const unchanging: ReadonlySet<string> = new Set(['AsyncLocalStorage', 'TextEncoder', 'TextDecoder'])

/** Methods that leave a table as it was. */
const looking: ReadonlySet<string> = new Set(
  'at entries every filter find forEach get has includes indexOf join keys map reduce slice some values'.split(' '),
)

/**
 * Whether a module may hold something that a run could change, so that every run needs an instance of its own. Says no only
 * of what certainly stays: functions, classes without static fields, values that cannot change, and flat tables that are
 * only looked up. The tree is that of a bundle, where all modules share one scope.
 */
export function mayHoldState(tree: SyntaxNode): boolean {
  const statements = (tree.body as SyntaxNode[]).map(declarationIn)
  return !statements.every(stays) || !areLeftAlone(tree, namesOf(statements), tablesOf(statements))
}

/** What an export statement declares; any other statement as it is. */
function declarationIn(statement: SyntaxNode): SyntaxNode {
  return isNode(statement.declaration) ? statement.declaration : statement
}

/** Whether a statement at the top of a module makes nothing that can change but by its name. */
function stays(statement: SyntaxNode): boolean {
  const { type, directive } = statement
  if (/^(Import|ExportNamed)Declaration$/.test(type) || functions.has(type) || directive !== undefined) return true
  if (type === 'ClassDeclaration') return isFixedClass(statement)
  return (
    type === 'VariableDeclaration' && variablesOf(statement).every(({ init }) => isFixed(init) || isFlatTable(init))
  )
}

function variablesOf({ declarations }: SyntaxNode): SyntaxNode[] {
  return (declarations as SyntaxNode[] | undefined) ?? []
}

function namesOf(statements: readonly SyntaxNode[]): ReadonlySet<string> {
  const declared = statements.flatMap((statement) => [statement, ...variablesOf(statement)])
  return new Set(declared.map(({ id }) => nameOf(id)).filter((name) => name !== ''))
}

function tablesOf(statements: readonly SyntaxNode[]): ReadonlySet<string> {
  const tables = statements.flatMap(variablesOf).filter(({ init }) => isFlatTable(init))
  return new Set(tables.map(({ id }) => nameOf(id)))
}

function isFixedClass({ superClass, body }: SyntaxNode): boolean {
  const isStatic = (member: SyntaxNode) =>
    member.type === 'StaticBlock' || (member.static === true && member.type === 'PropertyDefinition')
  return (superClass === null || isFixed(superClass)) && !childrenOf(body as SyntaxNode).some(isStatic)
}

function isFixed(value: unknown): boolean {
  if (!isNode(value)) return false
  const { type, callee } = value
  if (functions.has(type) || type === 'Identifier') return true
  if (type === 'Literal') return !/[gy]/.test((value.regex as { flags: string } | undefined)?.flags ?? '')
  if (type === 'ClassExpression') return isFixedClass(value)
  if (type === 'MemberExpression') return isFixed(value.object)
  if (type === 'CallExpression') return pure.has(nameOf(callee)) && (value.arguments as SyntaxNode[]).every(isFixed)
  if (type === 'NewExpression') return unchanging.has(nameOf(callee))
  return compounds.has(type) && childrenOf(value).every(isFixed)
}

/** Whether it makes an array, an object, a map or a set of what is fixed. */
function isFlatTable(value: unknown): boolean {
  if (!isNode(value)) return false
  const { type } = value
  if (type === 'ArrayExpression') return childrenOf(value).every(isFixed)
  if (type === 'ObjectExpression') return childrenOf(value).every((property) => isFixed(property.value))
  if (type !== 'NewExpression' || !/^(Map|Set)$/.test(nameOf(value.callee))) return false
  const [entries] = value.arguments as SyntaxNode[]
  return (
    entries?.type === 'ArrayExpression' && childrenOf(entries).every((entry) => isFixed(entry) || isFlatTable(entry))
  )
}

/** Whether no code assigns one of the names or a property of one, or does more with a table than look something up. */
function areLeftAlone(tree: SyntaxNode, names: ReadonlySet<string>, tables: ReadonlySet<string>): boolean {
  let alone = true
  visit(tree, {
    enter(node, ancestors) {
      if (assignedBy(node).some((target) => names.has(nameOf(rootOf(target))))) alone = false
      if (node.type === 'Identifier' && tables.has(nameOf(node)) && !onlyLooks(node, ancestors)) alone = false
    },
  })
  return alone
}

function assignedBy({ type, left, argument, operator }: SyntaxNode): SyntaxNode[] {
  if (type === 'AssignmentExpression' || /^For(In|Of)Statement$/.test(type)) return targetsOf(left as SyntaxNode)
  return type === 'UpdateExpression' || operator === 'delete' ? [argument as SyntaxNode] : []
}

/** What a pattern assigns: itself, or all that stands in it. */
function targetsOf(pattern: SyntaxNode): SyntaxNode[] {
  return /Pattern$|^Property$|^RestElement$/.test(pattern.type) ? childrenOf(pattern).flatMap(targetsOf) : [pattern]
}

function rootOf(target: SyntaxNode): SyntaxNode {
  return target.type === 'MemberExpression' ? rootOf(target.object as SyntaxNode) : target
}

function onlyLooks(identifier: SyntaxNode, ancestors: readonly SyntaxNode[]): boolean {
  const parent = ancestors.at(-1)!
  if (parent.type === 'VariableDeclarator') return parent.id === identifier
  if (parent.type === 'MemberExpression') return parent.object !== identifier || isLook(parent, ancestors.at(-2)!)
  if (parent.type === 'ForOfStatement') return parent.right === identifier
  return parent.type === 'SpreadElement' || parent.operator === 'in' || (parent.key === identifier && !parent.shorthand)
}

function isLook(member: SyntaxNode, parent: SyntaxNode): boolean {
  return parent.type !== 'CallExpression' || parent.callee !== member || looking.has(nameOf(member.property))
}

/** An identifier's name, with what it is a property of: `Symbol.for`. Empty for all else. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  if (node.type === 'MemberExpression') return `${nameOf(node.object)}.${nameOf(node.property)}`
  return node.type === 'Identifier' ? String(node.name) : ''
}
