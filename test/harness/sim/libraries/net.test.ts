import '../../../../harness/register.ts'
import { expect, it } from 'vitest'
import { answersInEveryOrder, isTheSameForTheSameSeed } from './in-every-order.ts'
import {
  linesAnswer,
  linesProgram,
  socketAnswer,
  socketProgram,
  streamsAnswer,
  streamsProgram,
} from './programs/net.ts'

it('new net.Socket().connect() takes ports, options and paths, is refused, and connects again', async () => {
  expect(await answersInEveryOrder(socketProgram, socketAnswer)).toBeGreaterThan(5)
})

it('readline reads lines that come in pieces', async () => {
  expect(await answersInEveryOrder(linesProgram, linesAnswer)).toBeGreaterThan(10)
})

it('pipelines of compressing streams and web streams pass everything on', async () => {
  expect(await answersInEveryOrder(streamsProgram, streamsAnswer)).toBeGreaterThan(10)
})

it.each([
  ['sockets', socketProgram],
  ['lines', linesProgram],
  ['streams', streamsProgram],
])('%s are the same for the same seed', (_name, program) => isTheSameForTheSameSeed(program))
