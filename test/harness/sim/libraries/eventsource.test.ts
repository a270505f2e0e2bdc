import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import { eventSourceAnswer, eventSourceProgram } from './programs/eventsource.ts'

it('eventsource reads a stream, comes again after a cut, and takes no for an answer', async () => {
  expect(await answersInEveryOrder(eventSourceProgram, eventSourceAnswer)).toBeGreaterThan(10)
})

it('eventsource asks in the same way for the same seed', () => isTheSameForTheSameSeed(eventSourceProgram))
