import { describe, expect, it } from 'vitest'
import { SimEvent } from '../../../../harness/sim/core/event.ts'
import { Lane } from '../../../../harness/sim/core/lane.ts'
import { SimNode } from '../../../../harness/sim/core/node.ts'

/** A lane with so many events, and the events. */
function filled(count: number): { lane: Lane; events: SimEvent[] } {
  const lane = new Lane('fs#1', new SimNode('server'), 'poll')
  const events = Array.from({ length: count }, (_, place) => {
    const event = new SimEvent(lane, place, 0, { label: 'read', run: () => {} })
    lane.push(event)
    return event
  })
  return { lane, events }
}

/** What happened to an event, or was cancelled, does not wait any more. */
function settle(...events: (SimEvent | undefined)[]): void {
  for (const event of events) if (event !== undefined) event.waiting = false
}

describe('a lane', () => {
  it('keeps the order of its events, and drops those at the head that do not wait any more', () => {
    const { lane, events } = filled(4)
    settle(events[0])
    lane.drop()
    expect([...lane]).toEqual(events.slice(1))
    expect(lane.head).toBe(events[1])
  })

  it('passes over what was cancelled behind the head, and drops it when it gets there', () => {
    const { lane, events } = filled(4)
    settle(events[1], events[2])
    lane.drop()
    expect([...lane]).toEqual([events[0], events[3]])
    settle(events[0])
    lane.drop()
    expect(lane.head).toBe(events[3])
  })

  it('takes new events when all before them are gone', () => {
    const { lane, events } = filled(2)
    settle(...events)
    lane.drop()
    expect(lane.isEmpty).toBe(true)
    const next = new SimEvent(lane, 2, 0, { label: 'read', run: () => {} })
    lane.push(next)
    expect([...lane]).toEqual([next])
  })

  it('does not keep what came later for whoever keeps an event that is over', () => {
    const { lane, events } = filled(2)
    settle(events[0])
    lane.drop()
    expect(events[0]?.next).toBeUndefined()
  })

  it('looks anew whether its head may come when another lane of its process gets or loses an event', () => {
    const { lane } = filled(1)
    const { node } = lane
    node.phase = 'poll'
    expect(lane.isHeadLegal).toBe(true)
    // From poll, the loop goes on to the immediates before it polls again.
    const immediate = new SimEvent(node.immediates, 1, 0, { label: 'immediate', run: () => {} })
    node.immediates.push(immediate)
    expect(lane.isHeadLegal).toBe(false)
    settle(immediate)
    node.immediates.drop()
    expect(lane.isHeadLegal).toBe(true)
  })
})
