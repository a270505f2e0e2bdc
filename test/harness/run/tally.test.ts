import { describe, expect, it } from 'vitest'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { Tally } from '../../../harness/run/tally.ts'

const by = { client: 'c0', subscriber: 'c0/1', stream: 'plan' }

function tallyOf(...events: readonly HistoryEvent[]): Tally {
  const tally = new Tally()
  for (const event of events) tally.note(event)
  return tally
}

describe('the tally of a run', () => {
  it('counts what is open', () => {
    const invoke = { type: 'invoke', timeMs: 1, client: 'c0', call: 1, f: 'read', input: null } as const
    const subscribe = { type: 'observe', timeMs: 2, ...by, f: 'subscribe', after: 0, via: 'sse' } as const
    const tally = tallyOf(invoke, subscribe)
    expect(tally).toMatchObject({ calls: 1, openCalls: 1, openSubscriptions: 1, isIdle: false })
    tally.note({ type: 'ok', timeMs: 3, client: 'c0', call: 1, f: 'read', output: 4 })
    tally.note({ type: 'observe', timeMs: 4, ...by, f: 'end', reason: 'complete' })
    expect(tally).toMatchObject({ calls: 1, openCalls: 0, openSubscriptions: 0, isIdle: true })
  })

  it('takes answers and events for activity, and not that somebody subscribes again and again', () => {
    const event = { type: 'observe', timeMs: 5, ...by, f: 'event', id: 1, kind: 'line', data: {} } as const
    const again = [6, 7, 8].flatMap((timeMs) => [
      { type: 'observe', timeMs, ...by, f: 'subscribe', after: 1, via: 'sse' } as const,
      { type: 'observe', timeMs, ...by, f: 'end', reason: 'dropped' } as const,
    ])
    expect(tallyOf(event, ...again)).toMatchObject({ lastActivityMs: 5, openSubscriptions: 0 })
    expect(tallyOf(event, { type: 'observe', timeMs: 9, ...by, f: 'gap', from: 2, to: 3 }).lastActivityMs).toBe(9)
  })
})
