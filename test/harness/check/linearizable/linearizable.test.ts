import { describe, expect, it } from 'vitest'
import { type LinearizableOptions, linearizable } from '../../../../harness/check/linearizable/linearizable.ts'
import { modelNamed } from '../../../../harness/check/linearizable/models.ts'
import type { HistoryEvent } from '../../../../harness/history/event.ts'
import { impossible, model } from '../../../../harness/model.ts'

const register = modelNamed('register')!

/** `c0 write 1` begins a call; `c0 ok 1`, `c0 fail …` and `c0 info` end the client's open one. */
function history(...lines: string[]): HistoryEvent[] {
  const open = new Map<string, { call: number; f: string }>()
  return lines.map((line, timeMs): HistoryEvent => {
    const [client, word, value] = line.split(' ') as [string, string, string | undefined]
    const argument = value === undefined ? undefined : JSON.parse(value)
    const begun = open.get(client)
    open.delete(client)
    if (word === 'ok') return { type: 'ok', timeMs, client, ...begun!, output: argument }
    if (word === 'fail' || word === 'info')
      return { type: word, timeMs, client, ...begun!, error: 'no', status: argument }
    open.set(client, { call: timeMs, f: word })
    return { type: 'invoke', timeMs, client, call: timeMs, f: word, input: argument }
  })
}

const judge = (options: LinearizableOptions, ...lines: string[]) => linearizable(options).judge(history(...lines))

describe('linearizable', () => {
  it('finds nothing in a history that has an order', () => {
    expect(judge({ model: register }, 'c0 write 1', 'c1 read', 'c1 ok 1', 'c0 ok')).toEqual({
      verdict: 'valid',
      findings: [],
    })
  })

  it('reports the calls that have no order, with their events', () => {
    const lines = ['c0 write 1', 'c0 ok', 'c1 read', 'c1 ok null', 'c2 read', 'c2 ok 1']
    const { verdict, findings } = judge({ model: register }, ...lines)
    expect(verdict).toBe('invalid')
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ check: 'linearizable', clients: ['c0', 'c1'] })
    expect(findings[0]!.message).toContain(
      '1 was written, and replaced, within a time in which the value had to stay null',
    )
    expect(findings[0]!.evidence).toEqual(history(...lines).slice(0, 4))
  })

  it('takes the order of events, not their times, where times tie', () => {
    const events = history('c0 write 1', 'c0 ok', 'c1 read', 'c1 ok null').map((event) => ({ ...event, timeMs: 0 }))
    expect(linearizable({ model: register }).judge(events).verdict).toBe('invalid')
  })

  it('gives calls that nobody knows the end of the benefit of the doubt, for ever', () => {
    const lines = ['c0 write 1', 'c0 info', 'c1 read', 'c1 ok null', 'c1 read']
    expect(judge({ model: register }, ...lines, 'c1 ok 1').verdict).toBe('valid')
    expect(judge({ model: register }, ...lines, 'c1 ok null').verdict).toBe('valid')
    expect(judge({ model: register }, ...lines, 'c1 ok 2').verdict).toBe('invalid')
  })

  it('knows that a call which failed had no effect', () => {
    expect(judge({ model: register }, 'c0 write 1', 'c0 fail', 'c1 read', 'c1 ok 1').verdict).toBe('invalid')
  })

  it('cannot see in a history of which the model does not know an operation', () => {
    const { verdict, reason } = judge({ model: register }, 'c0 read', 'c0 ok', 'c0 list', 'c0 ok')
    expect(verdict).toBe('unknown')
    expect(reason).toMatch(/^'list' is no operation of the model register, which knows read, write; name the calls/)
  })

  it('refuses a model that is none, and one without operations', () => {
    expect(() => linearizable({ model: undefined as never })).toThrow(
      'check.linearizable(): expected model to be one such as models.counter, or made by model({…}), got undefined',
    )
    expect(() => model({ name: 'jobs', init: 0, step: () => 0 } as never)).toThrow(
      "model 'jobs': apply, or step, must hold one function for each operation",
    )
  })

  it('cannot see where nothing was completed, or the history is torn', () => {
    expect(judge({ model: register }).verdict).toBe('unknown')
    expect(judge({ model: register }, 'c0 write 1').verdict).toBe('unknown')
    expect(judge({ model: register }, 'c0 read', 'c0 read')).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('event 2'),
    })
  })

  it('says that it gave up when its budget is used up', () => {
    const lines = ['c0 write 1', 'c1 write 1', 'c2 read', 'c2 ok 1', 'c0 ok', 'c1 ok']
    expect(judge({ model: register, budget: { steps: 2 } }, ...lines)).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('budget of 2 steps'),
    })
  })

  it('translates calls into the words of the model, and leaves out the others', () => {
    const options: LinearizableOptions = {
      model: register,
      translate: ({ f, input }) =>
        f === 'PUT' ? { f: 'write', input } : f === 'GET' ? { f: 'read', input: null } : null,
    }
    expect(judge(options, 'c0 PUT 1', 'c0 ok', 'c1 LIST', 'c1 ok', 'c1 GET', 'c1 ok 1').verdict).toBe('valid')
    expect(judge(options, 'c0 PUT 1', 'c0 ok', 'c1 LIST', 'c1 ok', 'c1 GET', 'c1 ok null').verdict).toBe('invalid')
  })

  it('takes a refusal as an answer where the translation says so, at the time of the refusal', () => {
    const refusal: LinearizableOptions = {
      model: modelNamed('cas-register')!,
      translate: ({ f, input, outcome }) => {
        const refused = outcome.type === 'fail' && outcome.status === 412
        return refused
          ? { f, input, output: false }
          : { f, input, ...(f === 'cas' && outcome.type === 'ok' ? { output: true } : {}) }
      },
    }
    const lines = ['c0 write 1', 'c0 ok', 'c1 cas [1,2]', 'c1 fail 412']
    expect(judge(refusal, ...lines).verdict).toBe('invalid')
    expect(judge(refusal, 'c2 write 5', ...lines, 'c2 ok').verdict).toBe('valid')
    expect(judge(refusal, ...lines.slice(0, 3), 'c1 fail 503', 'c0 read', 'c0 ok 1').verdict).toBe('valid')
  })

  it('judges by a model of one’s own, by key, whose answers it computes or judges', () => {
    const seats = model<{ reserve(input: { seat: string; buyer: string }): boolean }, string | null>({
      name: 'seats',
      init: null,
      partition: ({ seat }: { seat: string }) => seat,
      apply: { reserve: (holder, { buyer }) => (holder === null ? [true, buyer] : [holder === buyer, holder]) },
    })
    const ann = '{"seat":"k0","buyer":"ann"}'
    const { findings } = judge(
      { model: seats },
      `c0 reserve ${ann}`,
      `c1 reserve ${ann.replace('ann', 'bob')}`,
      'c1 ok true',
      'c0 ok true',
    )
    expect(findings[0]!.message).toMatch(/^seats: not linearizable\. key k0: c0's reserve\(.*\) → true fits no order/)

    const tickets = model<{ next(input: null): number }, number>({
      init: 0,
      step: {
        next: (last, _, answer) => (!answer.known ? last + 1 : answer.output > last ? answer.output : impossible),
      },
    })
    expect(judge({ model: tickets }, 'c0 next', 'c0 ok 3', 'c1 next', 'c1 ok 7').verdict).toBe('valid')
    expect(judge({ model: tickets }, 'c0 next', 'c0 ok 7', 'c1 next', 'c1 ok 3').verdict).toBe('invalid')
  })

  it('makes a wrong model a compile error', () => {
    interface Ops {
      get(input: null): number
      put(input: number): void
    }
    // @ts-expect-error The operation `put` is missing.
    model<Ops, number>({ init: 0, apply: { get: (held) => [held, held] } })
    // @ts-expect-error `get` answers a number.
    model<Ops, number>({ init: 0, apply: { get: (held) => ['no', held], put: (_, value) => [undefined, value] } })
    expect(modelNamed('semaphore:3')?.init).toBe(3)
    expect(modelNamed('toString')).toBeUndefined()
  })
})
