import { expect, it } from 'vitest'
import { linearizable } from '../../../../harness/check/linearizable/linearizable.ts'
import { counter } from '../../../../harness/check/linearizable/models/counters.ts'
import type { History } from '../../../../harness/history/event.ts'

/** 24 clients increment at once, each answered with something else, and then one reads. */
function burst(read: number): History {
  const clients = Array.from({ length: 24 }, (_, index) => `c${index}`)
  const invoked = clients.map(
    (client, call) => ({ type: 'invoke', timeMs: call, client, call, f: 'increment', input: 1 }) as const,
  )
  const ended = clients.map(
    (client, call) => ({ type: 'ok', timeMs: 100 + call, client, call, f: 'increment', output: call }) as const,
  )
  const who = { client: 'c0', call: 24, f: 'read' } as const
  return [
    ...invoked,
    ...ended,
    { type: 'invoke', timeMs: 200, ...who, input: null },
    { type: 'ok', timeMs: 201, ...who, output: read },
  ]
}

it('tells no blind calls apart by their answers, so that a burst of them is decided and not given up', () => {
  const check = linearizable({ model: counter })
  expect(check.judge(burst(24)).verdict).toBe('valid')
  expect(check.judge(burst(23)).verdict).toBe('invalid')
})
