import '../../../../harness/register.ts'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { closed, listening } from './programs/server.ts'
import { fetchAnswer, fetchProgram, undiciProgram } from './programs/undici.ts'

describe.each([
  ['undici', undiciProgram],
  ['the global fetch', fetchProgram],
])('%s', (_name, program) => {
  it('sends, streams, meets an error and gives up', async () => {
    expect(await answersInEveryOrder(program, fetchAnswer)).toBeGreaterThan(10)
  })

  it('sends the same bytes for the same seed', () => isTheSameForTheSameSeed(program))
})

it('the global fetch leaves no entries behind, of which Node would complain after 250', async () => {
  const { value, status, findings } = await simulate(async () => {
    const server = createServer((_asked, reply) => reply.end('ok'))
    await listening(server, 8080)
    for (let count = 0; count < 300; count++) await (await fetch('http://127.0.0.1:8080/')).text()
    const closing = closed(server)
    server.closeAllConnections()
    await closing
    return performance.getEntriesByType('resource').length
  })
  expect({ value, status, findings }).toEqual({ value: 0, status: 'done', findings: [] })
})
