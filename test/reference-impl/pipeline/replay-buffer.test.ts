import { describe, expect, it } from 'vitest'
import { ReplayBuffer } from '../../../reference-impl/pipeline/replay-buffer.ts'
import { StreamEvent } from '../../../reference-impl/pipeline/stream-event.ts'

function filled(count: number, { maxEvents = 1_000, maxBytes = 1_000_000 } = {}): ReplayBuffer {
  const buffer = new ReplayBuffer({ maxEvents, maxBytes })
  for (let id = 1; id <= count; id++) buffer.push(new StreamEvent(id, 'log', `"${'x'.repeat(50)}"`))
  return buffer
}
const ids = (events: StreamEvent[] | undefined) => events?.map(({ id }) => id)

describe('the replay buffer', () => {
  it('gives the events after an id, a page at a time', () => {
    const buffer = filled(10)
    expect(ids(buffer.after(0, 3))).toEqual([1, 2, 3])
    expect(ids(buffer.after(8, 3))).toEqual([9, 10])
    expect(ids(buffer.after(10, 3))).toEqual([])
  })

  it('says that it no longer has an event rather than skip it', () => {
    const buffer = filled(10, { maxEvents: 4 })
    expect(buffer.firstId).toBe(7)
    expect(ids(buffer.after(6, 9))).toEqual([7, 8, 9, 10])
    expect(buffer.after(5, 9)).toBeUndefined()
  })

  it('is bounded in bytes too', () => {
    const one = new StreamEvent(1, 'log', `"${'x'.repeat(50)}"`).bytes
    expect(filled(1_000, { maxBytes: 3 * one }).size).toBe(3)
  })

  it('knows nothing while it is empty', () => {
    expect(filled(0).after(0, 10)).toBeUndefined()
    const cleared = filled(5)
    cleared.clear()
    expect([cleared.size, cleared.firstId]).toEqual([0, undefined])
  })
})
