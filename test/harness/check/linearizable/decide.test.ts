import { describe, expect, it } from 'vitest'
import { decide } from '../../../../harness/check/linearizable/decide.ts'
import { modelNamed } from '../../../../harness/check/linearizable/models.ts'
import { never, type Operation } from '../../../../harness/model.ts'

let calls = 0
/** One call, from its begin to its end in the history. */
function call(start: number, end: number, f: string, input: unknown, output?: unknown): Operation {
  return { call: calls++, client: `c${start}`, f, input, output, known: end !== never, start, end }
}

const decided = (model: string, ...operations: Operation[]) => decide(modelNamed(model)!, operations)

describe('decide', () => {
  it.each<[string, ...Operation[]]>([
    ['register', call(0, 1, 'write', 1), call(2, 3, 'read', null, 1)],
    ['queue', call(0, 1, 'enqueue', 1), call(2, 3, 'dequeue', null, 1)],
    ['set', call(0, 1, 'add', 'x', true), call(2, 3, 'contains', 'x', true)],
    [
      'versioned-register',
      call(0, 1, 'write', 'x', { version: 1 }),
      call(2, 3, 'read', null, { version: 1, value: 'x' }),
    ],
  ])('lets the monitor of a %s judge it, and says so', (model, ...operations) => {
    const { verdict, checker, complexity } = decided(model, ...operations)
    expect(verdict).toBe('valid')
    expect(checker).toMatch(/monitor/)
    expect(complexity).toMatch(/^O\(n/)
  })

  it.each<[string, string, ...Operation[]]>([
    ['register', 'the value 1 was written more than once', call(0, 1, 'write', 1), call(2, 3, 'write', 1)],
    ['register', 'the initial value was written again', call(0, 1, 'write', null), call(2, 3, 'read', null, null)],
    ['cas-register', "it has calls of 'cas'", call(0, 1, 'write', 1), call(2, 3, 'cas', [1, 2], true)],
    ['queue', 'the item 1 was enqueued more than once', call(0, 1, 'enqueue', 1), call(2, 3, 'enqueue', 1)],
    [
      'queue',
      'empty answers and pending dequeues',
      call(0, 1, 'enqueue', 1),
      call(2, never, 'dequeue', null),
      call(3, 4, 'dequeue', null, null),
    ],
    ['set', 'the whole set was read', call(0, 1, 'add', 1, true), call(2, 3, 'read', null, [1])],
    ['set', 'does not say whether it changed anything', call(0, 1, 'add', 1), call(2, 3, 'contains', 1, true)],
    ['versioned-register', 'a conditional write was refused', call(0, 1, 'write', { value: 1, ifVersion: 5 }, false)],
    [
      'versioned-register',
      'a pending write may have made a version',
      call(0, never, 'write', 1),
      call(1, 2, 'read', null, { version: 1, value: 1 }),
    ],
  ])('searches where the monitor of a %s cannot judge, and says why: %s', (model, reason, ...operations) => {
    const { verdict, checker, complexity } = decided(model, ...operations)
    expect(verdict).toBe('valid')
    expect(checker).toMatch(/^WGL search \(the .* does not fit: /)
    expect(checker).toContain(reason)
    expect(complexity).toContain('steps')
  })

  it('counts pending dequeues exactly: each takes one item, and only after it began', () => {
    const items = [call(0, 1, 'enqueue', 1), call(2, 3, 'enqueue', 2), call(4, 5, 'enqueue', 3)]
    const out = call(8, 9, 'dequeue', null, 3)
    const took = call(6, never, 'dequeue', null)
    expect(decided('queue', ...items, took, call(7, never, 'dequeue', null), out)).toMatchObject({ verdict: 'valid' })
    expect(decided('queue', ...items, took, out)).toMatchObject({ verdict: 'invalid' })
    expect(decided('queue', ...items, took, out, call(10, never, 'dequeue', null))).toMatchObject({
      verdict: 'invalid',
    })
  })

  it('uses the monitor for some keys and the search for others', () => {
    const { checker, complexity } = decided(
      'register',
      call(0, 1, 'write', { key: 'x', value: 1 }),
      call(2, 3, 'write', { key: 'y', value: 1 }),
      call(4, 5, 'write', { key: 'y', value: 1 }),
    )
    expect(checker).toMatch(/^register monitor \(unique writes\) on 1 of 2 keys, else WGL search/)
    expect(complexity).toContain('O(n log n)')
  })

  it('finds an impossible key before it has finished a hard one', () => {
    const hard = Array.from({ length: 24 }, (_, place) =>
      call(place, 100 + place, 'write', { key: 'hard', value: place % 23 }),
    )
    const hopeless = call(200, 201, 'read', { key: 'hard' }, 99)
    const bad = [call(30, 31, 'write', { key: 'bad', value: 1 }), call(32, 33, 'write', { key: 'bad', value: 1 })]
    const stale = call(40, 41, 'read', { key: 'bad' }, null)
    const { verdict, failure } = decide(modelNamed('register')!, [...hard, ...bad, stale, hopeless], {
      budget: { steps: 100_000, memoryMiB: 64 },
    })
    expect(verdict).toBe('invalid')
    expect(failure!.part.key).toBe('bad')
  })

  it.each([
    [{ steps: 10_000, memoryMiB: 64 }, '10000 steps'],
    [{ steps: Number.MAX_SAFE_INTEGER, memoryMiB: 1 }, '1 MiB of memory'],
  ])('answers unknown at the end of a budget of %j', (budget, spent) => {
    const hard = Array.from({ length: 40 }, (_, place) => call(place, 100 + place, 'write', place % 39))
    const { verdict, reason } = decide(modelNamed('register')!, [...hard, call(200, 201, 'read', null, 99)], { budget })
    expect(verdict).toBe('unknown')
    expect(reason).toContain(spent)
  })
})
