import { describe, expect, it } from 'vitest'
import { check } from '../../../../harness/check/checks.ts'
import { models } from '../../../../harness/check/linearizable/models.ts'
import { loadThreadSubject } from '../../../../harness/run/threads/load-thread-subject.ts'
import { exploreThreadSubject } from '../../../../harness/run/threads/thread-exploration.ts'
import { replayChoices, shrinkThreadFailure } from '../../../../harness/run/threads/thread-failure.ts'
import { traceHashOf } from '../../../../harness/run/threads/thread-subject.ts'
import { rowsOf } from '../../../../harness/run/threads/told-rows.ts'
import { defineTarget } from '../../../../harness/target.ts'
import { threadScenario } from '../../../../harness/thread-scenario.ts'
import { choicesToken } from '../../../../harness/threads/choices-token.ts'

const target = defineTarget({
  name: 'counter',
  module: import.meta.url,
  start: () => Promise.reject(new Error('threads need no server')),
  client: () => ({}),
})

const module = new URL('../../../fixtures/threads/adding.ts', import.meta.url)

const counter = {
  target,
  source: 'a test',
  promise: 'Every addition counts.',
  setup: () => new SharedArrayBuffer(8),
  threads: [
    { module, run: 'add' },
    { module, run: 'add' },
  ],
  checks: [check.progress()],
}

const noneLost = threadScenario('none-lost', {
  ...counter,
  final: (memory, { client }) => {
    if (client.call('read', null, () => new Int32Array(memory)[0]) !== 2) throw new Error('an addition was lost')
  },
})

const options = { seed: 1, schedules: 1_000, strategy: null }

describe('a scenario of threads', () => {
  it('fails with what final throws, and in the same way again, made small', async () => {
    const subject = await loadThreadSubject(noneLost, null)
    const { failed } = await exploreThreadSubject(subject, options)
    expect(failed!.trial.findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([
      'server-errors: an addition was lost',
    ])
    const small = await shrinkThreadFailure(subject, failed!.trial, { seed: 1 })
    expect(small!.switches).toBe(2)
    const again = await replayChoices(subject, choicesToken(small!.trial.choices), 1)
    expect(traceHashOf(again)).toBe(traceHashOf(small!.trial))
    expect(rowsOf(again).map(({ thread, text }) => `${thread} ${text}`)).toEqual([
      '0 t0: add 1 …',
      '0 load [0] → 0',
      '1 t1: add 1 …',
      '1 load [0] → 0',
      '1 store [0] → 1',
      '1 t1: add → nothing',
      '0 store [0] → 1',
      '0 t0: add → nothing',
    ])
  })

  it('says that it is proved only when the search came to its end', async () => {
    const harmless = threadScenario('harmless', counter)
    const subject = await loadThreadSubject(harmless, null)
    expect(await exploreThreadSubject(subject, options)).toMatchObject({ verdict: 'valid', exhausted: true })
    const few = await exploreThreadSubject(subject, { ...options, schedules: 3 })
    expect(few).toMatchObject({ verdict: 'valid', schedules: 3, exhausted: false })
  })

  it('reports what a thread throws, also where no check looks at errors', async () => {
    const failing = threadScenario('failing', { ...counter, threads: [{ module, run: 'fail' }] })
    const { failed } = await exploreThreadSubject(await loadThreadSubject(failing, null), options)
    expect(failed!.trial.findings).toMatchObject([{ check: 'server-errors', message: 'Error: the disk is full' }])
  })

  it('ends in order when it is interrupted', async () => {
    const subject = await loadThreadSubject(noneLost, null)
    const explored = await exploreThreadSubject(subject, { ...options, signal: AbortSignal.abort() })
    expect(explored).toMatchObject({ verdict: 'unknown', schedules: 0, first: null })
  })

  it('refuses a state that cannot be sent to a worker, and a thread that its module does not export', async () => {
    const closing = threadScenario('closing', { ...counter, setup: () => () => 1 })
    await expect(loadThreadSubject(closing, null)).rejects.toThrow(/setup made what cannot be sent to a worker/)
    const missing = threadScenario('missing', { ...counter, threads: [{ module, run: 'nobody' }] })
    await expect(loadThreadSubject(missing, null)).rejects.toThrow(/to export a function 'nobody' .*, got undefined/)
  })

  it('names every field that makes no sense', () => {
    const wrong = (fields: object) => () => threadScenario('none-lost', { ...counter, ...fields } as typeof counter)
    expect(wrong({ threads: [] })).toThrow(/threads must be a list of at least one thread/)
    expect(wrong({ threads: [() => 1] })).toThrow(/every thread must name a module/)
    expect(wrong({ threads: [{ module, run: 'add', canBlock: 'no' }] })).toThrow(/canBlock of a thread must be/)
    expect(wrong({ checks: [] })).toThrow(/checks must be a list/)
    expect(wrong({ setup: null })).toThrow(/setup must be a function/)
    expect(wrong({ scale: { schedules: 0 } })).toThrow(/scale\.schedules must be a whole number/)
    expect(() => threadScenario('None', counter)).toThrow(/kebab-case/)
  })

  it('judges outcomes that a register cannot have', async () => {
    const judged = threadScenario('register', {
      ...counter,
      threads: [{ module, run: 'add' }],
      checks: [check.linearizable({ model: models['cas-register']!, translate: () => null })],
    })
    const { verdict, first } = await exploreThreadSubject(await loadThreadSubject(judged, null), options)
    expect(verdict).toBe('unknown')
    expect(first!.results).toMatchObject([{ check: 'linearizable', verdict: 'unknown' }])
  })
})
