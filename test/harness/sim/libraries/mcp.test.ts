import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { mcpAnswer, mcpProgram } from './programs/mcp.ts'

it('the MCP SDK holds sessions over Streamable HTTP, with progress, errors and an end', async () => {
  expect(await answersInEveryOrder(mcpProgram, mcpAnswer)).toBeGreaterThan(10)
})

it('the MCP SDK sends the same bytes for the same seed', () => isTheSameForTheSameSeed(mcpProgram))
