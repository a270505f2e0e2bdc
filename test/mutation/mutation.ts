import type { AnyNode } from 'acorn'

/** What is taken away from correct code. */
export type MutationKind = 'lock' | 're-check' | 'await' | 'bound'

/** One protection of a file taken away: the characters from `from` to `to`. */
export interface Mutation {
  readonly kind: MutationKind
  readonly from: number
  readonly to: number
  /** What takes their place; null for a test, which is made as ever and never passed. */
  readonly instead: string | null
  /** The code that is taken away, on one line. */
  readonly what: string
}

/** A node with what it lies in, from the file down. */
interface Place {
  readonly node: AnyNode
  readonly within: readonly AnyNode[]
}

type Find = (place: Place, code: string) => Omit<Mutation, 'kind' | 'what'> | null

/** What is said to guard code by running it: locks, and what owns one. */
const guards =
  /(?:lock|locks|gate|queue|table|tests|services|writers|permits|jobs|execution|\bthis)(?:\w*\([^()]*\))?$/i
const guardedCode = /^(?:section|write|code)$/
const cleanups = /close|stop|end|clean|dispose|release|drain|kill|flush|settle|remove|destroy|clear|unlink|shut|rm$/i
const limits = /max|limit|\bcap\b|capacity|patience|bytes|ttl|per[A-Z]|total|queueEvents|batchEvents/

const finders: Readonly<Record<MutationKind, Find>> = { lock, 're-check': recheck, await: awaited, bound }

/** All mutations of a module's JavaScript, in the order of the text; one place may have several. */
export function mutationsOf(tree: AnyNode, code: string): Mutation[] {
  const found: Mutation[] = []
  walk({ node: tree, within: [] }, (place) => {
    for (const [kind, find] of Object.entries(finders)) {
      const mutation = find(place, code)
      if (mutation !== null) found.push({ ...mutation, kind: kind as MutationKind, what: shown(place, code) })
    }
  })
  return found.sort((a, b) => a.from - b.from)
}

function walk(place: Place, visit: (place: Place) => void): void {
  visit(place)
  const within = [...place.within, place.node]
  for (const child of childrenOf(place.node)) walk({ node: child, within }, visit)
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value === 'object' && value !== null && 'type' in value)
}

/** `lock.run(section)` becomes `section()`. */
function lock({ node }: Place, code: string): ReturnType<Find> {
  const guarded = guardedBy(node, code)
  if (guarded === null) return null
  const section = code.slice(guarded.section.start, guarded.section.end)
  const instead = guarded.isSync ? `(${section})()` : `(async () => (${section})())()`
  return { from: node.start, to: node.end, instead }
}

function guardedBy(node: AnyNode, code: string): { section: AnyNode; isSync: boolean } | null {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return null
  const { object, property } = node.callee
  const method = property.type === 'Identifier' ? property.name : ''
  if (!/^(?:run|runSync|exclusively|transaction)$/.test(method)) return null
  if (!guards.test(code.slice(object.start, object.end))) return null
  // A method that calls itself by another name adds nothing to the lock that it takes there.
  if (object.type === 'ThisExpression' && method !== 'exclusively') return null
  const section = node.arguments.find((given) => isCode(given))
  return section === undefined ? null : { section, isSync: method === 'runSync' }
}

function isCode(node: AnyNode): boolean {
  return isFunction(node) || (node.type === 'Identifier' && guardedCode.test(node.name))
}

function isFunction({ type }: AnyNode): boolean {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression' || type === 'FunctionDeclaration'
}

/** A way out that is looked for under a lock, or once more after an await, is never taken. */
function recheck({ node, within }: Place, code: string): ReturnType<Find> {
  if (node.type !== 'IfStatement' || !leaves(node.consequent)) return null
  if (!isUnderLock(within, code) && !followsAwait(node, within)) return null
  // Where everything else is refused, the refusal is the way out: then everything passes.
  const isPass = statementAfter(node, within)?.type === 'ThrowStatement'
  return { from: node.test.start, to: node.test.end, instead: isPass ? 'true' : null }
}

function leaves(node: AnyNode): boolean {
  if (node.type === 'BlockStatement') return node.body.some(leaves)
  return /^(?:Return|Throw|Break|Continue)Statement$/.test(node.type)
}

function isUnderLock(within: readonly AnyNode[], code: string): boolean {
  const around = within.findLastIndex(isFunction)
  const call = within[around - 1]
  return call !== undefined && guardedBy(call, code)?.section === within[around]
}

function followsAwait(node: AnyNode, within: readonly AnyNode[]): boolean {
  const statements = statementsAround(within)
  return statements.slice(0, statements.indexOf(node)).some(awaits)
}

function statementAfter(node: AnyNode, within: readonly AnyNode[]): AnyNode | undefined {
  const statements = statementsAround(within)
  return statements[statements.indexOf(node) + 1]
}

function statementsAround(within: readonly AnyNode[]): readonly AnyNode[] {
  const block = within.at(-1)
  return block?.type === 'BlockStatement' ? block.body : []
}

function awaits(node: AnyNode): boolean {
  return node.type === 'AwaitExpression' || (!isFunction(node) && childrenOf(node).some(awaits))
}

/** What cleans up is not waited for. */
function awaited({ node, within }: Place, code: string): ReturnType<Find> {
  if (node.type !== 'AwaitExpression' || within.at(-1)?.type !== 'ExpressionStatement') return null
  const called = code.slice(node.argument.start, node.argument.end).split('(')[0] ?? ''
  if (!cleanups.test(called) && !within.some((outer) => cleanups.test(nameOf(outer)))) return null
  // Its failure is still nobody's business but its own.
  return { from: node.start, to: node.end, instead: `void (${code.slice(node.argument.start, node.argument.end)})` }
}

function nameOf(node: AnyNode): string {
  if (node.type !== 'MethodDefinition') return ''
  const { key } = node
  return key.type === 'Identifier' || key.type === 'PrivateIdentifier' ? key.name : ''
}

/** A bound is never reached. */
function bound({ node, within }: Place, code: string): ReturnType<Find> {
  const test = testOf(node)
  const text = test && code.slice(test.start, test.end)
  if (!test || !text || !/[<>]=?/.test(text) || !limits.test(text)) return null
  // What refuses a wrong option has its own tests, and no order of events reaches it.
  if (within.some((outer) => nameOf(outer) === 'constructor')) return null
  // What is let through as long as there is room is then let through always.
  const isRoom = test.type === 'BinaryExpression' && test.operator.startsWith('<')
  return { from: test.start, to: test.end, instead: isRoom ? 'true' : null }
}

/** What is compared with a bound: in a condition, or as the answer of a method whose whole purpose that is. */
function testOf(node: AnyNode): AnyNode | null {
  if (node.type === 'IfStatement' || node.type === 'WhileStatement') return node.test
  const answer = node.type === 'ReturnStatement' ? node.argument : null
  return answer?.type === 'BinaryExpression' || answer?.type === 'LogicalExpression' ? answer : null
}

function shown({ node }: Place, code: string): string {
  const end = node.type === 'IfStatement' || node.type === 'WhileStatement' ? node.test.end + 1 : node.end
  const text = code.slice(node.start, end).replace(/\s+/g, ' ')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
