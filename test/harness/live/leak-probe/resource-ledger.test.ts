import { describe, expect, it } from 'vitest'
import type { ProbeEvent } from '../../../../harness/history/event.ts'
import { ResourceLedger } from '../../../../harness/live/leak-probe/resource-ledger.ts'

const probe = (event: 'open' | 'close', id: string, process = 'target-1'): ProbeEvent => ({
  type: 'probe',
  timeMs: 0,
  process,
  topic: 'resource',
  value: { event, resource: 'stream', id },
})

function ledgerOf(...events: ProbeEvent[]): ResourceLedger {
  const ledger = new ResourceLedger()
  for (const event of events) ledger.note(event)
  return ledger
}

describe('the resource ledger', () => {
  it('counts what is open, names it, and lists a kind with nothing open as 0', () => {
    const ledger = ledgerOf(probe('open', 'a'), probe('open', 'b'), probe('close', 'a'))
    expect(ledger.counts()).toEqual({ 'resource:stream': 1 })
    expect(ledger.items()).toEqual(['stream b'])
    ledger.note(probe('close', 'b'))
    expect(ledger.counts()).toEqual({ 'resource:stream': 0 })
  })

  it('evens out a close that is told before its open, as threads may do', () => {
    expect(ledgerOf(probe('close', 'a'), probe('open', 'a')).counts()).toEqual({ 'resource:stream': 0 })
  })

  it('keeps the same id of two processes apart, and forgets what ended with one and its threads', () => {
    const ledger = ledgerOf(probe('open', 'a'), probe('open', 'a', 'target-1/w1'), probe('open', 'a', 'target-2'))
    expect(ledger.counts()).toEqual({ 'resource:stream': 3 })
    ledger.drop('target-1')
    expect(ledger.counts()).toEqual({ 'resource:stream': 1 })
  })
})
