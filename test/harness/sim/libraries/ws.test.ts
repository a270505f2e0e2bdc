import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { deflateAnswer, deflateProgram } from './programs/ws.ts'

it('ws talks with compression, pings, and turns clients away', async () => {
  expect(await answersInEveryOrder(deflateProgram, deflateAnswer)).toBeGreaterThan(10)
})

it('ws with compression sends the same bytes for the same seed', () => isTheSameForTheSameSeed(deflateProgram))
