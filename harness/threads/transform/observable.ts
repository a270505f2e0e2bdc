import { reachOf } from './array-methods.ts'
import { childrenOf, isNode, type SyntaxNode } from './syntax-node.ts'

/** Values of these are made on the spot, and never shared. */
const madeOnTheSpot: ReadonlySet<string> = new Set([
  'Literal',
  'TemplateLiteral',
  'ArrayExpression',
  'ObjectExpression',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassExpression',
  'ImportExpression',
])

/**
 * The expressions right below a node whose values are about to be accessed by element, by a method that reaches elements,
 * or by iterating: the `a` of `a[i]`, `a.fill(0)`, `for (const x of a)`. `callees` gathers what is called, where an
 * element is not what is meant.
 */
export function observableOf(node: SyntaxNode, callees: Set<SyntaxNode>): readonly SyntaxNode[] {
  return accessedBy(node, callees).filter((value) => !madeOnTheSpot.has(value.type) && value.type !== 'Super')
}

function accessedBy(node: SyntaxNode, callees: Set<SyntaxNode>): readonly SyntaxNode[] {
  switch (node.type) {
    case 'MemberExpression':
      return isElement(node) && !callees.has(node) ? objectOf(node) : []
    case 'NewExpression':
      // `new (observed(a)[i])()` would need parentheses, and no element is a class.
      for (let callee = node.callee; isNode(callee); callee = callee.object) callees.add(callee)
      return []
    case 'TaggedTemplateExpression':
      callees.add(node.tag as SyntaxNode)
      return []
    case 'CallExpression':
      callees.add(node.callee as SyntaxNode)
      return calledOn(node.callee as SyntaxNode)
    case 'ForOfStatement':
      return [node.right as SyntaxNode]
    case 'SpreadElement':
      return [node.argument as SyntaxNode]
    case 'VariableDeclarator':
      return isNode(node.init) && takesElements(node.id as SyntaxNode) ? [node.init] : []
    case 'ExpressionStatement':
      return destructuredBy(node.expression as SyntaxNode)
    default:
      return []
  }
}

/** The right side of `[x, y] = a`, where nothing else sees its value. */
function destructuredBy(expression: SyntaxNode): readonly SyntaxNode[] {
  if (expression.type !== 'AssignmentExpression') return []
  return takesElements(expression.left as SyntaxNode) ? [expression.right as SyntaxNode] : []
}

/** Whether a pattern takes elements: `[x, y]`, `{ 0: x }`, `{ [i]: x }`. */
function takesElements(pattern: SyntaxNode): boolean {
  if (pattern.type === 'ArrayPattern') return true
  if (pattern.type !== 'ObjectPattern') return false
  return childrenOf(pattern).some(({ computed, key }) => computed === true || isNumber(key))
}

function isNumber(key: unknown): boolean {
  return isNode(key) && key.type === 'Literal' && typeof key.value === 'number'
}

function isElement({ computed, property }: SyntaxNode): boolean {
  const { type, value } = property as SyntaxNode
  return computed === true && !(type === 'Literal' && typeof value === 'string')
}

/** The `a` of `a.fill(0)`. */
function calledOn(callee: SyntaxNode): readonly SyntaxNode[] {
  if (callee.type !== 'MemberExpression' || callee.computed === true) return []
  const { type, name } = callee.property as SyntaxNode
  return type === 'Identifier' && reachOf(name as string) !== undefined ? objectOf(callee) : []
}

/**
 * The object of an access. Not one that ends early when something is missing: in `a?.b[i]`, the `[i]` is left out with the
 * `.b`, which would no longer be so if `a?.b` were wrapped.
 */
function objectOf(member: SyntaxNode): readonly SyntaxNode[] {
  const object = member.object as SyntaxNode
  return mayEndEarly(object) ? [] : [object]
}

function mayEndEarly({ optional, object, callee }: SyntaxNode): boolean {
  if (optional === true) return true
  const inner = object ?? callee
  return isNode(inner) && mayEndEarly(inner)
}
