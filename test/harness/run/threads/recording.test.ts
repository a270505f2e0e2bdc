import { describe, expect, it } from 'vitest'
import { CallFailed } from '../../../../harness/history/recorder.ts'
import { RecordingClient } from '../../../../harness/run/threads/recording-client.ts'
import { ThreadRecord } from '../../../../harness/run/threads/thread-record.ts'

/** A record, and a client of thread 0 in each run of its code. */
function recording() {
  const record = new ThreadRecord()
  const state = { record, isNew: true }
  return { record, state, again: () => new RecordingClient(state, 0) }
}

/** What clients did, in order. */
function callsOf({ history }: ThreadRecord) {
  return history.flatMap((event) =>
    event.type === 'invoke' || event.type === 'ok' || event.type === 'fail' || event.type === 'info'
      ? [`${event.type} ${event.client} ${event.f}`]
      : [],
  )
}

describe('the record of a schedule of threads', () => {
  it('begins a call with its first operation, and not where the code before that runs', () => {
    const { record, again } = recording()
    again().call('count', null, () => {
      record.performs(1)
      expect(callsOf(record)).toEqual([])
      record.performs(0)
      expect(callsOf(record)).toEqual(['invoke t0 count'])
    })
    expect(callsOf(record)).toEqual(['invoke t0 count', 'ok t0 count'])
  })

  it('records a call without any operation all the same', () => {
    const { record, again } = recording()
    again().call('nothing', null, () => {})
    expect(callsOf(record)).toEqual(['invoke t0 nothing', 'ok t0 nothing'])
  })

  it('records nothing twice when the code is run again, and the end where it comes for the first time', () => {
    const { record, state, again } = recording()
    const suspension = {}
    expect(() =>
      again().call('count', null, () => {
        state.isNew = false
        throw suspension
      }),
    ).toThrow()
    expect(callsOf(record)).toEqual([])
    record.performs(0)
    again().call('count', null, () => {
      state.isNew = true
      return 1
    })
    expect(callsOf(record)).toEqual(['invoke t0 count', 'ok t0 count'])
    expect(record.calls).toBe(1)
  })

  it('tells a refusal from an error, and tasks of one thread from each other', async () => {
    const { record, again } = recording()
    const client = again()
    const refused = () => {
      throw new CallFailed('no room', 429)
    }
    expect(() => client.task('a').call('one', null, refused)).toThrow('no room')
    const broken = client.task('b').call('two', null, () => Promise.reject(new Error('broken')))
    await expect(broken).rejects.toThrow('broken')
    expect(record.history.find(({ type }) => type === 'fail')).toMatchObject({ error: 'no room', status: 429 })
    expect(callsOf(record)).toEqual(['invoke t0.a one', 'fail t0.a one', 'invoke t0.b two', 'info t0.b two'])
  })

  it('counts locks that are held and resources that are open', () => {
    const { record } = recording()
    const lock = (event: 'acquired' | 'released', owner: string) => ({ event, lock: 'jobs', id: 'jobs', owner })
    record.probed('t0', 'lock', lock('acquired', '#1'))
    record.probed('t1', 'lock', lock('acquired', '#1'))
    record.probed('t0', 'lock', lock('released', '#1'))
    record.probed('t1', 'resource', { event: 'open', resource: 'permit', id: 'jobs#1' })
    record.audit(1)
    expect(record.history.at(-1)).toMatchObject({
      counts: { locks: 1, 'resource:permit': 1 },
      items: ['permit jobs#1', 'locks jobs jobs, held by t1:#1'],
    })
  })
})
