import { CallFailed, calls, type HistoryEvent } from 'raceproof'
import { describe, expect, it } from 'vitest'
import { Recorder } from '../../../harness/history/recorder.ts'

async function recorded(thrown: unknown): Promise<HistoryEvent[]> {
  const history: HistoryEvent[] = []
  const recorder = new Recorder(
    () => 0,
    (event) => history.push(event),
  )
  await recorder.call('c0', 'create', {}, () => Promise.reject(thrown)).catch(() => {})
  return history
}

describe('the status of a call', () => {
  it('is kept of a refusal, in the history and in the call', async () => {
    const history = await recorded(new CallFailed('taken', 409))
    expect(history[1]).toMatchObject({ type: 'fail', error: 'taken', status: 409 })
    expect(calls(history)[0]!.outcome).toMatchObject({ type: 'fail', status: 409 })
  })

  it('is kept of a server error, whose effect nobody knows', async () => {
    const history = await recorded(Object.assign(new Error('boom'), { status: 500 }))
    expect(history[1]).toMatchObject({ type: 'info', error: 'boom', status: 500 })
    expect(calls(history)[0]!.outcome).toMatchObject({ type: 'info', status: 500 })
  })

  it('is left out where there was none', async () => {
    expect((await recorded(new Error('connection reset')))[1]).not.toHaveProperty('status')
    expect((await recorded(undefined))[1]).not.toHaveProperty('status')
  })
})
