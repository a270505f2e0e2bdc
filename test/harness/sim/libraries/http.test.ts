import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { httpAnswer, httpProgram } from './programs/http.ts'

it('node:http has trailers, Expect, upgrades, keep-alive and cut replies', async () => {
  expect(await answersInEveryOrder(httpProgram, httpAnswer)).toBeGreaterThan(10)
})

it('node:http sends the same bytes for the same seed', () => isTheSameForTheSameSeed(httpProgram))
