import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { TransitionProbe } from 'raceproof/probe'
import { describe, expect, it } from 'vitest'
import { JobTable } from '../../../reference-impl/state/job-table.ts'

const request = { id: 'a', dataset: null, seed: 1, steps: 10 }
const makeTable = () => new JobTable('analysis', { name: 'analyses' })

describe('a job table', () => {
  it('leads a job through its life, and tells each step', () => {
    const told: TransitionProbe[] = []
    const listener = (message: unknown) => told.push(message as TransitionProbe)
    subscribe('raceproof:transition', listener)
    const table = makeTable()
    const job = table.add(request)!
    table.start(job)
    table.advance(job, 0.5)
    expect(table.get('a')).toMatchObject({ state: 'running', progress: 0.5, endedMs: null })
    table.end(job, { state: 'completed', result: 7 })
    unsubscribe('raceproof:transition', listener)
    expect(table.get('a')).toMatchObject({ state: 'completed', progress: 1, result: 7, endedMs: expect.any(Number) })
    expect(told.map(({ from, to }) => [from, to])).toEqual([
      [null, 'queued'],
      ['queued', 'running'],
      ['running', 'completed'],
    ])
    expect(told.every(({ machine, id }) => machine === 'analysis' && id === 'a')).toBe(true)
  })

  it('keeps one job an id', () => {
    const table = makeTable()
    table.add(request)
    expect(table.add(request)).toBeNull()
  })

  it('stops a waiting job at once, and asks a running one', () => {
    const table = makeTable()
    table.add(request)
    expect(table.requestStop('a')?.state).toBe('stopped')
    expect(table.requestStop('a')).toBeNull()
    expect(table.requestStop('unknown')).toBeNull()

    const running = table.add({ ...request, id: 'b' })!
    table.start(running)
    expect(table.requestStop('b')?.state).toBe('stopping')
    expect(table.requestStop('b')?.state).toBe('stopping')
    expect(table.advance(running, 0.9)).toBe(false)
    expect(table.end(running, { state: 'stopped' })).toBe(true)
    expect(table.get('b')).toMatchObject({ state: 'stopped', progress: 0 })
  })

  it('lets nothing happen to a job that has ended', () => {
    const table = makeTable()
    const job = table.add(request)!
    table.start(job)
    table.end(job, { state: 'failed', error: 'broke' })
    expect(table.start(job)).toBe(false)
    expect(table.end(job, { state: 'completed' })).toBe(false)
    expect(table.get('a')).toMatchObject({ state: 'failed', error: 'broke' })
  })

  it('restarts what has ended, and ignores late words about the earlier life', () => {
    const table = makeTable()
    const first = table.add(request)!
    expect(table.restart('a')).toBeNull()
    expect(table.restart('unknown')).toBeNull()
    table.start(first)
    table.end(first, { state: 'completed', result: 1 })
    const second = table.restart('a')!
    expect(second).toMatchObject({ attempt: 2, state: 'queued', result: null, endedMs: null, seed: 1 })
    expect(table.start(first)).toBe(false)
    expect(table.advance(first, 0.5)).toBe(false)
    expect(table.end(first, { state: 'failed' })).toBe(false)
    expect(table.get('a')?.state).toBe('queued')
  })

  it('removes what ended long ago, but not what was restarted since', () => {
    const table = makeTable()
    for (const id of ['old', 'restarted', 'running']) table.start(table.add({ ...request, id })!)
    for (const id of ['old', 'restarted']) table.end(table.get(id)!, { state: 'completed' })
    table.restart('restarted')
    expect(table.removeEnded(Date.now() - 60_000)).toEqual([])
    expect(table.removeEnded(Date.now())).toEqual(['old'])
    expect(table.list().map(({ id }) => id)).toEqual(['restarted', 'running'])
  })

  it('keeps within a limit by forgetting the oldest that have ended', () => {
    const table = makeTable()
    for (let number = 1; number <= 6; number++) {
      const job = table.add({ ...request, id: `${number}` })!
      if (number % 2) table.requestStop(job.id)
    }
    table.keepWithin(6)
    expect(table.list()).toHaveLength(6)
    table.keepWithin(5)
    expect(table.list().map(({ id }) => id)).toEqual(['2', '4', '6'])
  })
})
