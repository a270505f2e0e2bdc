import '../../../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { expressProgram, fastifyProgram, frameworkAnswer, honoProgram } from './programs/frameworks.ts'

describe.each([
  ['fastify', fastifyProgram],
  ['express', expressProgram],
  ['hono on @hono/node-server', honoProgram],
])('%s', (_name, program) => {
  it('reads bodies, streams, answers errors and unknown paths, and closes', async () => {
    expect(await answersInEveryOrder(program, frameworkAnswer)).toBeGreaterThan(10)
  })

  it('sends the same bytes for the same seed', () => isTheSameForTheSameSeed(program))
})
