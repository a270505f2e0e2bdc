import { parse } from 'acorn'
import { HarnessError, messageOf } from '../../errors.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** Reads JavaScript. Throws `ERR_SCENARIO_INVALID` with file, line and column when it does not parse. */
export function parseCode(code: string, file: string, sourceType: 'module' | 'script'): SyntaxNode {
  try {
    const options = {
      ecmaVersion: 'latest',
      allowHashBang: true,
      allowReturnOutsideFunction: true,
      locations: true,
    } as const
    return parse(code, { ...options, sourceType }) as unknown as SyntaxNode
  } catch (thrown) {
    const { loc } = thrown as { loc?: { line: number; column: number } }
    const at = loc === undefined ? '' : `:${loc.line}:${loc.column + 1}`
    const problem = messageOf(thrown).replace(/ \(\d+:\d+\)$/, '')
    const message = `${file}${at}: ${problem}; the thread world rewrites JavaScript: compile the code first`
    throw new HarnessError('ERR_SCENARIO_INVALID', message, { cause: thrown })
  }
}
