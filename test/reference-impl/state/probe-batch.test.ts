import { describe, expect, it } from 'vitest'
import { ProbeBatch, type Published } from '../../../reference-impl/state/probe-batch.ts'

describe('a batch of probes', () => {
  it('posts what it kept, in order, when it is flushed or full', () => {
    const posted: Published[][] = []
    const batch = new ProbeBatch((published) => posted.push(published))
    batch.flush()
    batch.add('lock', { stampMs: 1 })
    batch.add('cache', { stampMs: 2 })
    expect(posted).toEqual([])
    batch.flush()
    for (let number = 3; number <= 102; number++) batch.add('lock', { stampMs: number })
    batch.flush()
    expect(posted.map((published) => published.length)).toEqual([2, 100])
    const numbers = posted.flat().map(({ message }) => message.stampMs)
    expect(numbers).toEqual(Array.from({ length: 102 }, (_, index) => index + 1))
  })
})
