import { describe, expect, it } from 'vitest'
import { calls } from '../../../harness/history/calls.ts'
import type { HistoryEvent } from '../../../harness/history/event.ts'
import { CallAbandoned, CallFailed, Recorder } from '../../../harness/history/recorder.ts'

function recording() {
  const events: HistoryEvent[] = []
  let now = 0
  const recorder = new Recorder(
    () => ++now,
    (event) => events.push(event),
  )
  return { recorder, events }
}

function gated<T>() {
  let open: (value: T) => void = () => {}
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { open, passed }
}

const rejected = async (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error)

describe('Recorder', () => {
  it('records a call that is ok with its input and output, and returns the output', async () => {
    const { recorder, events } = recording()
    await expect(recorder.call('c0', 'add', { by: 2 }, async () => 5)).resolves.toBe(5)
    expect(events).toEqual([
      { type: 'invoke', timeMs: 1, client: 'c0', call: 0, f: 'add', input: { by: 2 } },
      { type: 'ok', timeMs: 2, client: 'c0', call: 0, f: 'add', output: 5 },
    ])
  })

  it('records a refusal as certain and any other error as unknown', async () => {
    const { recorder, events } = recording()
    const refuse = () => recorder.call('c0', 'add', 1, () => Promise.reject(new CallFailed('409 Conflict', 409)))
    const cut = () => recorder.call('c0', 'add', 1, () => Promise.reject(new Error('socket hang up')))
    await rejected(refuse())
    await rejected(cut())
    expect(events.filter(({ type }) => type !== 'invoke')).toMatchObject([
      { type: 'fail', error: '409 Conflict' },
      { type: 'info', error: 'socket hang up' },
    ])
  })

  it('knows that a call which changes nothing had no effect, whatever went wrong', async () => {
    const { recorder, events } = recording()
    await rejected(recorder.call('c0', 'read', 1, () => Promise.reject(new Error('socket hang up')), true))
    expect(events.at(-1)).toMatchObject({ type: 'fail', error: 'socket hang up' })
  })

  it('keeps an abandoned call unknown even when it changes nothing, since it never ended', async () => {
    const { recorder, events } = recording()
    await rejected(recorder.call('c0', 'read', 1, () => Promise.reject(new CallAbandoned()), true))
    expect(events.at(-1)).toMatchObject({ type: 'info', abandoned: true })
  })

  it('refuses a second open call of one client, and names both', async () => {
    const { recorder, events } = recording()
    const first = gated<void>()
    const open = recorder.call('c0', 'slow', null, () => first.passed)
    const error = await rejected(recorder.call('c0', 'quick', null, async () => {}))
    expect(error).toMatchObject({ code: 'ERR_SCENARIO_INVALID' })
    expect(String(error)).toContain("client c0 was asked for 'quick' while its call 'slow' was still open")
    first.open()
    await open
    expect(events).toHaveLength(2)
  })

  it('ends a subscription once: the first reason stays', () => {
    const { recorder, events } = recording()
    const subscription = recorder.subscribe('c1', { stream: 'p#1', after: 3, via: 'ws' })
    subscription.event(4, 'log', 'hello')
    subscription.end('complete')
    subscription.end('lost', 'socket closed')
    expect(events.map((event) => ('f' in event ? event.f : event.type))).toEqual(['subscribe', 'event', 'end'])
    expect(events.at(-1)).toMatchObject({ reason: 'complete', subscriber: 'c1/0' })
  })
})

describe('calls', () => {
  it('pairs completions with invocations, however they interleave', async () => {
    const { recorder, events } = recording()
    const gate = gated<number>()
    const slow = recorder.call('c0', 'slow', 'a', () => gate.passed)
    await recorder.call('c1', 'quick', 'b', async () => 1)
    gate.open(2)
    await slow
    expect(calls(events)).toMatchObject([
      { client: 'c0', input: 'a', outcome: { type: 'ok', output: 2, timeMs: 4 } },
      { client: 'c1', input: 'b', outcome: { type: 'ok', output: 1, timeMs: 3 } },
    ])
  })

  it('leaves a call without completion open for ever, its effect unknown', () => {
    const history: HistoryEvent[] = [{ type: 'invoke', timeMs: 1, client: 'c0', call: 0, f: 'add', input: 1 }]
    expect(calls(history)[0]?.outcome).toEqual({ type: 'open', known: false, timeMs: Number.POSITIVE_INFINITY })
  })
})
