/** A node of a syntax tree as acorn makes it; what else it holds depends on its type. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

/** What is done at each node, before its children and after them. Ancestors are told from the outermost to the parent. */
export interface Visit {
  enter?(node: SyntaxNode, ancestors: readonly SyntaxNode[]): void
  leave?(node: SyntaxNode): void
}

/** Visits a node and all below it, in the order of the text. */
export function visit(node: SyntaxNode, visitor: Visit, ancestors: SyntaxNode[] = []): void {
  visitor.enter?.(node, ancestors)
  ancestors.push(node)
  for (const child of childrenOf(node)) visit(child, visitor, ancestors)
  ancestors.pop()
  visitor.leave?.(node)
}

/** The nodes right below one, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children = Object.values(node).flat().filter(isNode)
  return children.sort((one, other) => one.start - other.start)
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof (value as Partial<SyntaxNode> | null | undefined)?.type === 'string'
}
